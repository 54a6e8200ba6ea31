"""make lint: the rules, and trees to check them on."""
