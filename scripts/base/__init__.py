"""What all rooms share: output, locks, files, paths, variables."""
