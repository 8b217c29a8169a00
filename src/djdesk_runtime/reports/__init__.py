"""What can be read about an application: logs and descriptions of it."""
