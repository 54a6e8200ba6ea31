"""What each proof came to, and on what: docs/evidence.md explains it."""
