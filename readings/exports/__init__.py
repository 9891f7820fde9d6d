"""Files that other programs export: which program wrote a file, and what its columns are."""
