"""make bisect: build and test after each patch."""
