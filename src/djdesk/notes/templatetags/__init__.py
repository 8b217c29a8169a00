"""Template filters of the notes."""
