"""The Django project being shipped: its description, files, lock and revision."""
