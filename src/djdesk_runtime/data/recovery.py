"""Bringing databases back to what they were before a change that was not completed."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from djdesk_runtime.data.backups import delete_outdated, delete_partial
from djdesk_runtime.data.durable import move, sync_folder
from djdesk_runtime.data.marker import (
    MarkerDamagedError,
    read_marker,
    remove_marker,
    write_marker,
)
from djdesk_runtime.data.sqlite_files import (
    DatabaseBusyError,
    delete_database,
    overwrite,
    problem_of,
)
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.marker import Change
    from djdesk_runtime.data.retention import Backup

log = logging.getLogger(__name__)


def recover_data(
    data: DataFolder, updating: Callable[[str], None], spared: Backup | None = None
) -> None:
    """Undo what an earlier process began and did not complete; nothing when it did.

    To be called with *data* locked, before the project's code is loaded. *updating* is told what
    is going on. Of the backups those are deleted that need not be kept, but not *spared*. Raises
    `DatabaseUpdateError`.
    """
    try:
        changes = read_marker(data)
        if changes:
            updating("Restoring your data…")
            log.warning("an update was interrupted: restoring %s", [c.file for c in changes])
            undo(data, changes)
            delete_outdated(data, spared)
        delete_partial(data)
    except MarkerDamagedError as error:
        raise DatabaseUpdateError(
            "An update of your data was interrupted and cannot be undone by itself.",
            why=f"{data.update_marker} cannot be understood: {error}",
            next_step=f"Restore a copy of your data from {data.backups} with 'restore'.",
        ) from error
    except OSError as error:
        raise not_restored(data, str(error)) from error


def undo(data: DataFolder, changes: Sequence[Change]) -> None:
    """Bring every database of *changes* back and remove the marker. Can be repeated.

    Raises `DatabaseUpdateError`; then the marker is still there.
    """
    left = list(changes)
    try:
        for place in range(len(left)):
            put_back(data, left, place)
        remove_marker(data)
    except (OSError, sqlite3.Error) as error:
        raise not_restored(data, f"{type(error).__name__}: {error}") from error
    except DatabaseBusyError as error:
        raise not_restored(data, "another program has the database open") from error


def not_restored(data: DataFolder, why: str) -> DatabaseUpdateError:
    """Return the error that says the user's data is whole, but in the folder of backups."""
    return DatabaseUpdateError(
        "Your data could not be restored after an interrupted update.",
        why=why,
        next_step=(
            f"Free some space on the disk, close other programs that use {data.root}, and start "
            f"again. Your data is safe in {data.backups}."
        ),
    )


def put_back(data: DataFolder, changes: list[Change], place: int) -> None:
    """Bring the database of the change at *place* back.

    Raises `DatabaseUpdateError`, `DatabaseBusyError`, sqlite3.Error, OSError.
    """
    change = changes[place]
    database = data.root / change.file
    if change.backup is None:
        delete_database(database)
        return
    backup = data.backups / change.backup
    if change.moved:
        finish_move(backup, database)
        return
    problem = problem_of(backup) if backup.exists() else "the file is missing"
    if problem:
        raise unusable_backup(data, change.backup, problem)
    try:
        overwrite(database, backup)
    except (sqlite3.Error, OSError) as error:
        log.warning("%s cannot be written over (%s): its backup takes its place", database, error)
        # Deleted first: its log is not for the backup, and the marker needs a little space.
        delete_database(database)
        changes[place] = replace(change, moved=True)
        write_marker(data, changes)
        finish_move(backup, database)


def finish_move(backup: Path, database: Path) -> None:
    """Let the file *backup* be *database*, which is gone, unless that is done. Raises OSError."""
    if not backup.exists():
        return
    move(backup, database)
    sync_folder(database.parent)
    sync_folder(backup.parent)


def unusable_backup(data: DataFolder, name: str, why: str) -> DatabaseUpdateError:
    """Return the error that says the backup *name*, which is needed, cannot be used."""
    return DatabaseUpdateError(
        "Your data could not be restored after an interrupted update.",
        why=f"{data.backups / name}: {why}",
        next_step=f"Put that file back, or restore another one of {data.backups} with 'restore'.",
    )
