"""make coverage: what the tests reach of the added lines."""
