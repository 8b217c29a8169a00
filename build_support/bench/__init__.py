"""Figures of builds and bundles, each beside what it is compared with."""
