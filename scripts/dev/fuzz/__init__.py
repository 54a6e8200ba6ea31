"""What make fuzz is made of; docs/proof.md explains it."""
