"""Serving HTTP: from the start-up line to the last answered request."""
