"""The pinned source: fetched, verified, unpacked, patched."""
