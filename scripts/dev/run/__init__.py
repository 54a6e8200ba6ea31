"""Running tests and programs, and saying what came out."""
