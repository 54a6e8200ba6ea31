"""What only developers need, with the packages in build/tools."""
