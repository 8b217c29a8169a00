"""Folders of files: made from archives, pruned, compiled, listed, copied and exchanged."""
