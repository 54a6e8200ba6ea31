"""What make sanitize is made of; docs/proof.md explains it."""
