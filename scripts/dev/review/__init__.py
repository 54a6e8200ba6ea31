"""The parts of make review."""
