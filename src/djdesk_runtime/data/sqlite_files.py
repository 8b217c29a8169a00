"""SQLite database files: read without leaving a trace, checked, copied, deleted.

Nothing here knows Django: a database can be restored although its project cannot be loaded.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from djdesk_runtime.data.durable import private, sync_file, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITE_AHEAD_LOG = "-wal"
ROLLBACK_JOURNAL = "-journal"
SIDE_FILES = (WRITE_AHEAD_LOG, "-shm", ROLLBACK_JOURNAL)

# Options of an address: a database that does not exist is not to be created.
EXISTING = "mode=rw"

# How long another process that has the database locked is waited for, in seconds.
PATIENCE = 20.0
PAUSE = 0.05
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
PRIMARY_CODE = 0xFF


class DatabaseBusyError(Exception):
    """Another process keeps the database locked."""


def beside(database: Path, suffix: str) -> Path:
    """Return the file that SQLite keeps beside *database* under its name with *suffix*."""
    return database.with_name(database.name + suffix)


def has_content(path: Path) -> bool:
    """Tell whether *path* is a file that is not empty."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def is_absent(database: Path) -> bool:
    """Tell whether nothing was ever committed to *database*."""
    return not any(has_content(beside(database, suffix)) for suffix in ("", WRITE_AHEAD_LOG))


def create_private(database: Path) -> None:
    """Make sure that *database*, which SQLite is going to write, is closed to other users.

    One that exists keeps its mode. Raises OSError.
    """
    os.close(private(str(database), os.O_CREAT | os.O_WRONLY))


def content_bytes(database: Path) -> int:
    """Return how many bytes *database* takes up, its write-ahead log included."""
    total = 0
    for suffix in ("", WRITE_AHEAD_LOG):
        with suppress(FileNotFoundError):
            total += beside(database, suffix).stat().st_size
    return total


def address(path: Path, options: str) -> str:
    """Return the URI of the file *path* with *options*.

    Not ``Path.as_uri``: SQLite refuses the host that it puts in for a Windows network folder.
    """
    return f"file:///{quote(path.absolute().as_posix().removeprefix('/'))}?{options}"


@contextmanager
def read_untouched(database: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that reads *database* and changes neither it nor its write-ahead log.

    Where a process was killed that kept a rollback journal, nobody can read before rolling back;
    then that is done. Raises sqlite3.Error. https://www.sqlite.org/wal.html#read_only_databases
    """
    left = any(has_content(beside(database, x)) for x in (WRITE_AHEAD_LOG, ROLLBACK_JOURNAL))
    # Immutable: no -wal and -shm are created for a database that has none.
    options = "mode=ro" if left else "mode=ro&immutable=1"
    with closing(sqlite3.connect(address(database, options), uri=True)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            if not left:
                raise
        else:
            yield connection
            return
    with closing(sqlite3.connect(address(database, EXISTING), uri=True)) as connection:
        yield connection


def problem_of(database: Path) -> str | None:
    """Return what is wrong with *database*, None when it is whole. Changes nothing."""
    try:
        with read_untouched(database) as connection:
            row = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if row == ("ok",) else str(row[0] if row else "no answer")


def copy_into(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Let *target* hold what *source* holds, in one transaction.

    Raises `DatabaseBusyError` or sqlite3.Error; then *target* is as before.
    """
    deadline = time.monotonic() + PATIENCE

    def give_up(status: int, _remaining: int, _total: int) -> None:
        # Without this Python would try for ever.
        if status in BUSY and time.monotonic() > deadline:
            raise DatabaseBusyError

    source.backup(target, progress=give_up, sleep=PAUSE)


def write_copy(database: Path, copy: Path) -> None:
    """Write what is committed in *database* to the empty file *copy*, on the disk.

    Other processes may go on using *database*. The copy is one file: it keeps no log beside it.
    Raises `DatabaseBusyError`, sqlite3.Error, OSError.
    """
    with (
        closing(sqlite3.connect(address(database, EXISTING), uri=True, timeout=PATIENCE)) as source,
        closing(sqlite3.connect(copy, autocommit=True)) as target,
    ):
        copy_into(source, target)
        target.execute("PRAGMA journal_mode=DELETE")
    sync_file(copy)


def overwrite(database: Path, copy: Path) -> None:
    """Let *database* hold what *copy* holds, on the disk; it stays the same file.

    A power cut leaves the old content or the new. Raises `DatabaseBusyError`, sqlite3.Error,
    OSError.
    """
    create_private(database)
    try:
        with (
            read_untouched(copy) as source,
            closing(sqlite3.connect(database, timeout=PATIENCE, autocommit=True)) as target,
        ):
            target.execute("PRAGMA synchronous=FULL")
            copy_into(source, target)
            write_log_back(target)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & PRIMARY_CODE in BUSY:
            raise DatabaseBusyError from error
        raise
    sync_folder(database.parent)


def write_back(database: Path) -> None:
    """Make sure that what is committed in *database* is on the disk, in the file if possible.

    Raises sqlite3.Error, OSError.
    """
    with closing(
        sqlite3.connect(address(database, EXISTING), uri=True, autocommit=True)
    ) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        write_log_back(connection)
        for suffix in ("", WRITE_AHEAD_LOG):
            if (file := beside(database, suffix)).exists():
                sync_file(file)
    sync_folder(database.parent)


def write_log_back(connection: sqlite3.Connection) -> None:
    """Write the write-ahead log into the database, unless somebody is reading: no one waits."""
    connection.execute("PRAGMA busy_timeout=0")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def delete_database(database: Path) -> None:
    """Delete *database* and what lies beside it. A log must not outlive its database."""
    for suffix in (*SIDE_FILES, ""):
        beside(database, suffix).unlink(missing_ok=True)
    sync_folder(database.parent)
