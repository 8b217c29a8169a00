"""Tables of caches that are kept in a database: nobody runs createcachetable for a user."""

from __future__ import annotations


def make_cache_tables() -> None:
    """Make the tables that are missing. Raises what the database raises."""
    from django.core.cache import caches
    from django.core.cache.backends.db import BaseDatabaseCache
    from django.core.management import call_command

    if any(isinstance(cache, BaseDatabaseCache) for cache in caches.all()):
        call_command("createcachetable", verbosity=0)
