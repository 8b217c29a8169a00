"""Bringing a database back to a backup that the user chose."""

from __future__ import annotations

import logging
import sqlite3
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from djdesk_runtime.data.backups import (
    DamagedCopyError,
    delete_outdated,
    list_backups,
    make_backup,
)
from djdesk_runtime.data.durable import move
from djdesk_runtime.data.marker import Change, MarkerDamagedError, read_marker, write_marker
from djdesk_runtime.data.recovery import recover_data, undo
from djdesk_runtime.data.retention import DAMAGED, new_backup, parse_name
from djdesk_runtime.data.sqlite_files import (
    SIDE_FILES,
    DatabaseBusyError,
    beside,
    has_content,
    is_absent,
    problem_of,
)
from djdesk_runtime.errors import BackupError, DatabaseUpdateError

if TYPE_CHECKING:
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.retention import Backup

NOT_CHANGED = "Nothing was restored, and your data was not changed."

log = logging.getLogger(__name__)


def find_backup(data: DataFolder, name: str) -> Backup:
    """Return the whole backup that *name*, or a path in the folder of backups, means.

    Raises `BackupError`, which says what there is instead.
    """
    found = {backup.name: backup for backup in list_backups(data)}
    chosen = found.get(name) or found.get(PurePath(name).name)
    if chosen is None:
        raise BackupError(
            f"There is no backup called {name}.",
            why=f"{data.backups} has " + (", ".join(reversed(found)) or "none"),
            next_step="Choose one of these." if found else "Make one with 'backup'.",
        )
    if problem := problem_of(data.backups / chosen.name):
        raise BackupError(
            f"The backup {chosen.name} is damaged. {NOT_CHANGED}",
            why=problem,
            next_step="Choose another one with 'backups'.",
        )
    return chosen


def restore_backup(data: DataFolder, name: str, version: str) -> str | None:
    """Let the database of the backup *name* hold what that holds; *data* is locked.

    Returns the name of a copy of what was there before, None if there was nothing. After a power
    cut the next start completes it. Raises `BackupError`, having changed nothing, and
    `DatabaseUpdateError`.
    """
    others = settle(data, name)
    chosen = find_backup(data, name)
    database = data.database(chosen.alias)
    changes = [*others, Change(chosen.alias, database.name, chosen.name)]
    try:
        before, whole = keep_present(data, chosen.alias, version)
        write_marker(data, changes)
    except DatabaseBusyError as error:
        raise not_restored(f"another program keeps {database} locked") from error
    except (OSError, sqlite3.Error) as error:
        raise not_restored(f"{type(error).__name__}: {error}") from error
    if before and not whole:
        set_aside(database, data.backups / before)
    undo(data, changes)
    delete_outdated(data, spared=chosen)
    return before


def settle(data: DataFolder, name: str) -> list[Change]:
    """Undo an update that was interrupted; return what of it could not be undone.

    That a backup is missing or damaged must not keep the user from restoring another one.
    """
    try:
        recover_data(data, lambda _message: None, spared=parse_name(PurePath(name).name))
    except DatabaseUpdateError:
        chosen = find_backup(data, name)
        try:
            return [change for change in read_marker(data) if change.alias != chosen.alias]
        except (MarkerDamagedError, OSError):
            return []
    return []


def keep_present(data: DataFolder, alias: str, version: str) -> tuple[str | None, bool]:
    """Copy the database *alias* as it is now; return the copy's name and whether it was made.

    Of a damaged database no copy can be made: the name is the one to set it aside under.
    Raises `DatabaseBusyError`, sqlite3.Error, OSError.
    """
    database = data.database(alias)
    if is_absent(database):
        return None, True
    if not has_content(database):  # SQLite would delete the log that is all there is.
        return damaged_name(alias, version), False
    try:
        return make_backup(data, alias, "restore", version).name, True
    except sqlite3.OperationalError:
        raise
    except (DamagedCopyError, sqlite3.DatabaseError):
        return damaged_name(alias, version), False


def damaged_name(alias: str, version: str) -> str:
    """Return the name under which the database *alias*, damaged, is set aside now."""
    return new_backup(alias, datetime.now(UTC), "restore", version).name + DAMAGED


def set_aside(database: Path, place: Path) -> None:
    """Move *database* and what lies beside it to *place*; what cannot be moved is lost."""
    for suffix in ("", *SIDE_FILES):
        try:
            move(beside(database, suffix), beside(place, suffix))
            log.warning("%s was set aside as %s", beside(database, suffix), beside(place, suffix))
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("%s cannot be kept: %s", beside(database, suffix), error)


def not_restored(why: str) -> BackupError:
    """Return the error that says why nothing was restored."""
    return BackupError(
        NOT_CHANGED,
        why=why,
        next_step="Free some space on the disk, close other programs that use it, and try again.",
    )
