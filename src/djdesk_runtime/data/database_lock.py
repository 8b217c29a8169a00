"""The write lock of a database: while it is held, nobody else commits to that database.

Nothing in this process may open and close the file of a locked database other than through
SQLite: on POSIX that silently drops the locks that the process has on it.
https://www.sqlite.org/howtocorrupt.html
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING

from djdesk_runtime.data.failures import Cause, cause_of
from djdesk_runtime.data.sqlite_files import (
    EXISTING,
    WRITE_AHEAD_LOG,
    DatabaseBusyError,
    address,
    beside,
    copy_into,
    create_private,
    has_content,
    is_absent,
    is_log_orphaned,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from djdesk_runtime.data.waiting import LockWait


class DatabaseChangedError(DatabaseBusyError):
    """Another program committed to the database between its lock and its replacement."""


class DatabaseUnusableError(Exception):
    """The database *path* cannot be locked, for the reason that this is raised from."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class DatabaseLock:
    """The write lock of the SQLite file *path*, which exists. Made by `lock_databases`.

    With a write-ahead log others go on reading. Without one they cannot: SQLite then keeps a
    lock from one transaction to the next only in its exclusive mode.
    https://www.sqlite.org/pragma.html#pragma_locking_mode
    """

    def __init__(self, path: Path) -> None:
        """Take the lock; sqlite3.OperationalError of the kind `BUSY` if another has it."""
        self.path = path
        with ExitStack() as failed:
            self._guard = connect(path)
            failed.callback(self._guard.close)
            self._has_log = has_log(self._guard)
            if self._has_log:
                with suppress(sqlite3.OperationalError):
                    self._guard.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._guard.execute("BEGIN IMMEDIATE")
            else:
                self._guard.execute("PRAGMA locking_mode=EXCLUSIVE")
                self._guard.execute("BEGIN EXCLUSIVE")
                self._guard.execute("ROLLBACK")
            if has_log(self._guard) is not self._has_log:
                raise DatabaseBusyError
            self._version = data_version(self._guard)
            failed.pop_all()

    def is_in_one_file(self) -> bool:
        """Tell whether the file holds all there is; then it does not change while it is locked."""
        return not has_content(beside(self.path, WRITE_AHEAD_LOG))

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that reads the database while it is locked."""
        if not self._has_log:
            yield self._guard
            return
        with closing(connect(self.path)) as connection:
            yield connection

    def replace(self, source: sqlite3.Connection) -> None:
        """Let the database hold what *source* holds, in one transaction, on the disk.

        It stays the same file. The lock ends with it. Raises `DatabaseChangedError`,
        `DatabaseBusyError`, sqlite3.Error, ValueError for a *source* with nothing in it; then the
        database is as it was.
        """
        if not self._has_log:
            self._copy(source, self._guard, lambda: None)
            # What SQLite keeps of its journal in the exclusive mode is deleted.
            self._guard.execute("PRAGMA locking_mode=NORMAL")
            self._guard.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return
        if source.execute("PRAGMA page_count").fetchone()[0] < LEAST_PAGES:
            raise ValueError("there is nothing in it")
        self._guard.execute("ROLLBACK")
        with closing(connect(self.path)) as target:
            self._copy(source, target, self._require_unchanged)
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def release(self) -> None:
        """Let others write again."""
        self._guard.close()

    def _require_unchanged(self) -> None:
        """Raise `DatabaseChangedError` if another connection has committed since the lock."""
        if data_version(self._guard) != self._version:
            raise DatabaseChangedError

    @staticmethod
    def _copy(
        content: sqlite3.Connection, target: sqlite3.Connection, verify: Callable[[], None]
    ) -> None:
        """Copy *content* into *target*, calling *verify* when *target* is locked for that."""
        target.execute("PRAGMA synchronous=FULL")
        target.execute("PRAGMA fullfsync=ON")
        copy_into(content, target, verify, action="Writing your data")


# A copy with fewer pages is committed by the very step that takes the lock, with nothing verified.
LEAST_PAGES = 2


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the database *path*, which exists, that waits for nobody."""
    return sqlite3.connect(
        address(path, EXISTING), uri=True, timeout=0, autocommit=True, check_same_thread=False
    )


def has_log(connection: sqlite3.Connection) -> bool:
    """Tell whether the database of *connection* has a write-ahead log."""
    return bool(connection.execute("PRAGMA journal_mode").fetchone() == ("wal",))


def data_version(connection: sqlite3.Connection) -> object:
    """Return what changes when another connection commits to the database of *connection*."""
    return connection.execute("PRAGMA data_version").fetchone()


@contextmanager
def lock_databases(paths: Iterable[Path], wait: LockWait) -> Iterator[Mapping[Path, DatabaseLock]]:
    """Hold the write locks of all databases *paths* until the block ends.

    Databases that do not exist are created, with nothing in them, once all others are locked.
    Raises `DatabaseUnusableError`, having changed nothing, and `WaitCancelledError`.
    """
    deadline = time.monotonic() + wait.seconds
    with ExitStack() as stack:
        locks = {}
        for path in sorted(paths, key=is_absent):
            try:
                refuse_orphan(path)
                create_private(path)
                locks[path] = take_lock(path, wait, deadline)
            except (sqlite3.Error, OSError, DatabaseBusyError) as error:
                raise DatabaseUnusableError(path) from error
            stack.callback(locks[path].release)
        yield locks


def refuse_orphan(path: Path) -> None:
    """Raise FileNotFoundError where only the log of *path* is there."""
    if is_log_orphaned(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def take_lock(path: Path, wait: LockWait, deadline: float) -> DatabaseLock:
    """Return the lock of the database *path*, trying until *deadline*.

    Raises `DatabaseBusyError`, sqlite3.Error, `WaitCancelledError`.
    """
    while True:
        try:
            return DatabaseLock(path)
        except (DatabaseBusyError, sqlite3.OperationalError) as error:
            if cause_of(error) is not Cause.BUSY or not wait.pause(deadline):
                raise
