"""Notes with attached files."""
