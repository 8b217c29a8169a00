"""Tables of caches that are kept in a database: nobody runs createcachetable for a user."""

from __future__ import annotations

from pathlib import Path

from djdesk_runtime.data.connections import user_files
from djdesk_runtime.data.failures import explain
from djdesk_runtime.errors import DatabaseWriteError


def make_cache_tables() -> None:
    """Make the tables that are missing. Raises `DatabaseWriteError`."""
    from django.core.cache import caches
    from django.core.cache.backends.db import BaseDatabaseCache
    from django.core.management import CommandError, call_command
    from django.db import Error

    if not any(isinstance(cache, BaseDatabaseCache) for cache in caches.all()):
        return
    try:
        call_command("createcachetable", verbosity=0)
    except (CommandError, Error) as error:
        failure = explain(error, next(iter(user_files().values()), Path()))
        raise DatabaseWriteError(
            "The table of the cache could not be made.", why=failure.why, next_step=failure.hint
        ) from error
