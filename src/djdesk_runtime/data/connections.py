"""Django's connections to the user's databases."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.data.databases import is_file_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

log = logging.getLogger(__name__)


def user_databases() -> Iterator[BaseDatabaseWrapper]:
    """Yield the connections to SQLite files. A database server is not this computer's to change."""
    from django.db import connections

    for alias in connections:
        if is_file_database(connections.settings[alias]):
            yield connections[alias]


def user_files() -> dict[str, Path]:
    """Return the files of the user's databases; of aliases for one file only the first.

    That is the one that the file is named for.
    """
    files: dict[str, Path] = {}
    for connection in sorted(user_databases(), key=lambda c: (c.alias != "default", c.alias)):
        path = Path(connection.settings_dict["NAME"])
        if path not in files.values():
            files[connection.alias] = path
    return files


def close_connections() -> None:
    """Let go of the user's databases as they are."""
    for connection in user_databases():
        connection.close()


def close_databases() -> None:
    """Write what is left in write-ahead logs into the database files and let go of them."""
    for connection in user_databases():
        name = connection.settings_dict["NAME"]
        if not Path(f"{name}-wal").exists():
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except Exception:
            # Nothing is lost: SQLite does the same when the database is next opened.
            log.exception("the write-ahead log of %s could not be written back", name)
        finally:
            connection.close()
