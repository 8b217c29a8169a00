"""Django's connections to the user's databases."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.data.databases import is_file_database
from djdesk_runtime.data.sqlite_files import (
    WRITE_AHEAD_LOG,
    beside,
    checkpoint,
    has_content,
)

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


def open_once() -> None:
    """Give new databases the journal that the settings ask for, before many threads open them.

    Two that switch to a write-ahead log at once are in each other's way.
    """
    from django.db import Error

    for connection in user_databases():
        try:
            connection.ensure_connection()
        except Error as error:
            log.warning("%s cannot be opened yet: %s", connection.settings_dict["NAME"], error)
        finally:
            connection.close()


def close_databases() -> None:
    """Let go of the user's databases, with what is in write-ahead logs written into their files.

    Waits for no other program: SQLite does the same when the database is next opened.
    """
    close_connections()
    for path in user_files().values():
        if not has_content(beside(path, WRITE_AHEAD_LOG)):
            continue
        try:
            checkpoint(path)
        except sqlite3.Error as error:
            log.info("the write-ahead log of %s is left to the next start: %s", path, error)
