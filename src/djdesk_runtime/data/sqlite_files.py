"""SQLite database files: read without leaving a trace, checked, copied, deleted.

Nothing here knows Django: a database can be restored although its project cannot be loaded.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from djdesk_runtime.data.durable import private, sync_file
from djdesk_runtime.data.progress import report_bytes
from djdesk_runtime.data.waiting import DATABASE_SECONDS, PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WRITE_AHEAD_LOG = "-wal"
ROLLBACK_JOURNAL = "-journal"
SIDE_FILES = (WRITE_AHEAD_LOG, "-shm", ROLLBACK_JOURNAL)

# Options of an address: a database that does not exist is not to be created.
EXISTING = "mode=rw"

# How much is copied in a step of SQLite's, and how much until it is written to the disk: else all
# of that would come at the end, with nothing to tell meanwhile.
STEP_PAGES = 4096
SYNC_BYTES = 64_000_000
PAGES = ("size", "count")

BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
PRIMARY_CODE = 0xFF

# Lines of ``PRAGMA quick_check`` that are about rows and what their table asks of them.
ABOUT_ROWS = re.compile(r"CHECK constraint failed in |NULL value in |(NUMERIC|TEXT) value in ")


class DatabaseBusyError(Exception):
    """Another process keeps the database locked."""


class DamagedCopyError(Exception):
    """The copy of a database is not whole, because the database is not."""


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


def is_log_orphaned(database: Path) -> bool:
    """Tell whether only the write-ahead log of *database* is there: SQLite would delete it."""
    return has_content(beside(database, WRITE_AHEAD_LOG)) and not has_content(database)


def create_private(database: Path) -> None:
    """Create *database*, which SQLite is going to write, closed to other users, unless it exists.

    One that exists is not opened: closing it would drop the locks that this process has on it.
    Raises OSError.
    """
    with suppress(FileExistsError):
        os.close(private(str(database), os.O_CREAT | os.O_EXCL | os.O_WRONLY))


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
    """Return what is damaged in *database*, None when it is whole. Changes nothing.

    Only what SQLite calls corruption counts. A table that takes a function or an extension which
    the project brings along cannot be checked from here, and is not damaged for that. Raises
    sqlite3.Error for what keeps the database from being read.
    """
    try:
        with read_untouched(database) as connection:
            # Whether rows are as the project wants them is not about the file.
            connection.execute("PRAGMA ignore_check_constraints=ON")
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check")]
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & PRIMARY_CODE
        if code in DAMAGE:
            return str(error)
        if code == sqlite3.SQLITE_ERROR:
            return None
        raise
    problems = [line for line in found if line != "ok" and not ABOUT_ROWS.search(line)]
    return problems[0] if problems else None


def copy_into(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    verify: Callable[[], None] | None = None,
    *,
    action: str = "Copying your data",
    copied: Callable[[int], None] | None = None,
) -> None:
    """Let *target* hold what *source* holds, in one transaction; report how far *action* is.

    *verify* is called once, when *target* is locked and nothing is committed; what it raises ends
    that. *copied* is called with the number of bytes after each step. Raises `DatabaseBusyError`
    or sqlite3.Error; then *target* is as before.
    """
    deadline = time.monotonic() + DATABASE_SECONDS
    page_bytes, page_count = (source.execute(f"PRAGMA page_{x}").fetchone()[0] for x in PAGES)
    waiting = verify

    def step(status: int, remaining: int, total: int) -> None:
        nonlocal waiting, deadline
        if status in BUSY:
            # Without this Python would try for ever.
            if time.monotonic() > deadline:
                raise DatabaseBusyError
            return
        deadline = time.monotonic() + DATABASE_SECONDS
        if waiting:
            waiting()
            waiting = None
        done = (total - remaining) * page_bytes
        report_bytes(action, done, total * page_bytes)
        if copied:
            copied(done)

    # The last step commits: there is one before it in which to verify.
    pages = max(1, min(STEP_PAGES, page_count - 1))
    with snapshot(source):
        source.backup(target, pages=pages, progress=step, sleep=PAUSE)


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Let *connection* read the same content until the block ends, whatever others commit.

    Otherwise a copy in steps would begin again after each of their transactions.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield
    finally:
        connection.execute("ROLLBACK")


def write_copy(source: sqlite3.Connection, copy: Path) -> None:
    """Write what is committed in *source* to the empty file *copy*, on the disk.

    Other processes may go on using the database. The copy is one file: it keeps no log beside
    it. Raises `DatabaseBusyError`, sqlite3.Error, OSError.
    """
    with (
        closing(sqlite3.connect(copy, autocommit=True)) as target,
        open_file(copy) as descriptor,
    ):
        # It is nothing until it is complete: neither a journal nor SQLite's own care is needed.
        target.execute("PRAGMA journal_mode=OFF")
        target.execute("PRAGMA synchronous=OFF")
        written = 0

        def sync_often(done: int) -> None:
            nonlocal written
            if done - written >= SYNC_BYTES:
                os.fsync(descriptor)
                written = done

        copy_into(source, target, copied=sync_often)
    keep_in_one_file(copy)


def keep_in_one_file(copy: Path) -> None:
    """Let nothing of the database *copy*, which nobody else has open, be beside it.

    It is on the disk when this returns. Raises sqlite3.Error, OSError.
    """
    with closing(sqlite3.connect(copy, autocommit=True)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    sync_file(copy)


@contextmanager
def open_file(path: Path) -> Iterator[int]:
    """Give a descriptor of the file *path* that can be written."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_existing(
    database: Path, seconds: float = DATABASE_SECONDS
) -> Iterator[sqlite3.Connection]:
    """Give a connection to *database*, which is not created, that waits *seconds* for others."""
    with closing(
        sqlite3.connect(address(database, EXISTING), uri=True, timeout=seconds, autocommit=True)
    ) as connection:
        yield connection


def checkpoint(database: Path) -> None:
    """Write the write-ahead log of *database* into it as far as no one has to be waited for.

    Raises sqlite3.Error.
    """
    with open_existing(database, 0.0) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def make_durable(database: Path) -> None:
    """Let all of *database* be in one file, on the disk, unless others have it open.

    Raises sqlite3.Error.
    """
    with open_existing(database, 0.0) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA fullfsync=ON")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=DELETE")
