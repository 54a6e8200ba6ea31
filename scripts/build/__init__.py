"""The interpreter: what it is made of, built, shown and installed."""
