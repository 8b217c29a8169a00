"""The wrapped project: found, configured, loaded."""
