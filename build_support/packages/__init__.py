"""Packages: what end users download, and what is published beside them."""
