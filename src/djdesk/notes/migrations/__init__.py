"""The history of the notes' tables."""
