"""The tooling: what make does.  docs/architecture.md shows its rooms."""
