"""Signing for macOS and Windows: what is signed, by which commands, with whose secrets.

Nothing here can run on every system, so all work goes through a `Runner` that tests replace.
"""
