"""The published interpreter archives: pins, sources, downloads."""
