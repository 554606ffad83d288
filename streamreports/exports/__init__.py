"""Reports that run in the background and are kept as files."""
