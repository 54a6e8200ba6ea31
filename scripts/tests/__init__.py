"""The tests of the tooling, in the rooms of what they test."""
