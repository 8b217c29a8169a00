"""Replacing what locked databases hold: each in one transaction, several with a marker."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from djdesk_runtime.data.advice import NOT_CHANGED, database_error
from djdesk_runtime.data.database_lock import DatabaseUnusableError, lock_databases
from djdesk_runtime.data.durable import sync_folder
from djdesk_runtime.data.failures import explain
from djdesk_runtime.data.marker import remove_marker, write_marker
from djdesk_runtime.data.sqlite_files import DatabaseBusyError
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from djdesk_runtime.data.database_lock import DatabaseLock
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.marker import Change
    from djdesk_runtime.data.waiting import LockWait

NOT_UPDATED = "Your data could not be brought up to date for this version. It was not changed."


@contextmanager
def lock_files(
    root: Path, data: DataFolder, paths: Iterable[Path], wait: LockWait, *, what: str = NOT_CHANGED
) -> Iterator[Mapping[Path, DatabaseLock]]:
    """Hold the write locks of the databases *paths* of *data* until the block ends.

    Raises `DatabaseUpdateError` that says *what*, having changed nothing, and
    `WaitCancelledError`.
    """
    with ExitStack() as stack:
        try:
            locks = stack.enter_context(lock_databases(paths, wait))
        except DatabaseUnusableError as error:
            raise database_error(root, data, error.path, error, what=what) from error
        yield locks


def replace_databases(
    root: Path,
    data: DataFolder,
    changes: Sequence[Change],
    locks: Mapping[Path, DatabaseLock],
    copies: Mapping[Path, DatabaseLock],
) -> None:
    """Let the databases of *changes* hold what their working copies hold; all are locked.

    Raises `DatabaseUpdateError` and OSError. Unless the marker is left, nothing was changed.
    """
    several = len(changes) > 1
    for number, change in enumerate(changes):
        path = data.root / change.file
        try:
            if several:
                done = [replace(earlier, done=True) for earlier in changes[:number]]
                write_marker(data, [*done, *changes[number:]])
            with copies[data.working_copies / change.file].reader() as source:
                locks[path].replace(source)
        except BaseException as error:
            if number:
                raise incomplete_error(path, error) from error
            if several:
                remove_marker(data)
            if isinstance(error, (DatabaseBusyError, sqlite3.Error)):
                raise database_error(root, data, path, error, what=NOT_UPDATED) from error
            raise
    sync_folder(data.root)
    if several:
        remove_marker(data)


def incomplete_error(path: Path, error: BaseException) -> DatabaseUpdateError:
    """Return the error that says *error* kept the last of several databases, *path*, from it."""
    failure = explain(error, path)
    return DatabaseUpdateError(
        "The update of your data is not complete. Nothing of your data is lost.",
        why=failure.why,
        next_step=f"{failure.hint} Starting this version again completes the update.",
    )
