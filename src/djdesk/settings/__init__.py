"""Settings: ``base`` is what a bundle ships, ``dev`` is ``manage.py``'s default."""
