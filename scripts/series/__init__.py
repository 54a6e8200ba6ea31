"""The series: groups of patches, quilt, walking along it, git."""
