"""What make refleak is made of; docs/proof.md explains it."""
