"""The tooling: make, and what it is made of; docs/architecture.md."""
