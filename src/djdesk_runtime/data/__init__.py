"""The user's data: where it lies, its schema, its copies."""
