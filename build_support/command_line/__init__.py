"""What may stand after `--` on nox's command line, and what becomes of it."""
