"""Bringing a database back to a backup that the user chose."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from djdesk_runtime.data.backups import delete_outdated, list_backups, make_backup
from djdesk_runtime.data.command_locks import exclusive_access
from djdesk_runtime.data.database_lock import DatabaseUnusableError, lock_databases
from djdesk_runtime.data.durable import move
from djdesk_runtime.data.failures import explain, is_damage
from djdesk_runtime.data.folder import unusable
from djdesk_runtime.data.marker import (
    MarkerDamagedError,
    read_marker,
    remove_marker,
    write_marker,
)
from djdesk_runtime.data.progress import Progress, report
from djdesk_runtime.data.recovery import recover_data
from djdesk_runtime.data.retention import DAMAGED, new_backup, parse_name
from djdesk_runtime.data.space import needed_bytes, require_free
from djdesk_runtime.data.sqlite_files import (
    SIDE_FILES,
    DamagedCopyError,
    DatabaseBusyError,
    beside,
    content_bytes,
    is_absent,
    is_log_orphaned,
    open_existing,
    problem_of,
)
from djdesk_runtime.data.waiting import DATABASE_SECONDS, LockWait, never
from djdesk_runtime.errors import BackupError, DatabaseUpdateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.retention import Backup

NOT_CHANGED = "Nothing was restored, and your data was not changed."
FAILURES = (
    DamagedCopyError,
    DatabaseBusyError,
    DatabaseUnusableError,
    sqlite3.Error,
    OSError,
    ValueError,
)

log = logging.getLogger(__name__)


def choose_backup(data: DataFolder, name: str) -> Backup:
    """Return the backup that *name*, or a path in the folder of backups, means.

    Raises `BackupError`, which says what there is instead, and `DataFolderError`.
    """
    try:
        found = {backup.name: backup for backup in list_backups(data)}
    except OSError as error:
        raise unusable(data.backups, error) from error
    chosen = found.get(name) or found.get(PurePath(name).name)
    if chosen is None:
        raise BackupError(
            f"There is no backup called {name}.",
            why=f"{data.backups} has " + (", ".join(reversed(found)) or "none"),
            next_step=(
                "Choose one of these."
                if found
                else f"Put one from a backup of your computer into {data.backups}, if you have one."
            ),
        )
    return chosen


def find_backup(data: DataFolder, name: str) -> Backup:
    """Return the backup that *name* means, having read all of it: it is whole.

    Raises `BackupError`.
    """
    chosen = choose_backup(data, name)
    path = data.backups / chosen.name
    report(Progress("Checking", f"Checking {chosen.name}"))
    try:
        problem = problem_of(path)
    except sqlite3.Error as error:
        failure = explain(error, path)
        raise BackupError(NOT_CHANGED, why=failure.why, next_step=failure.hint) from error
    if problem:
        others = [other for other in list_backups(data) if other.alias == chosen.alias]
        raise BackupError(
            f"The backup {chosen.name} is damaged. {NOT_CHANGED}",
            why=problem,
            next_step=(
                "Choose another one with 'backups'."
                if len(others) > 1
                else "There is no other of this database. Put one from a backup of your computer "
                f"into {data.backups}, under the same name."
            ),
        )
    return chosen


def restore_backup(
    bundle: BundleInfo, data: DataFolder, name: str, tell: Callable[[str], None]
) -> str | None:
    """Let the database of the backup *name* hold what that holds; *data* is locked.

    Returns the name of a copy of what was there before, None if there was nothing. *tell* says
    what is waited for. Raises `BackupError` and `DataInUseError`; then nothing was changed.
    """
    settle(bundle, data, name, tell)
    chosen = find_backup(data, name)
    # A copy of what is there, and the log of its replacement.
    there = content_bytes(data.database(chosen.alias))
    needed = needed_bytes(there + content_bytes(data.backups / chosen.name), 1)
    require_free(data.root, needed, BackupError, NOT_CHANGED)
    with exclusive_access(data, tell, never):
        try:
            before = set_aside_orphan(data, chosen.alias, bundle.version)
        except OSError as error:
            raise not_restored(data, chosen.alias, error) from error
        try:
            kept = replace_content(bundle, data, chosen)
        except FAILURES as error:
            if not is_damage(error):
                raise not_restored(data, chosen.alias, error) from error
            kept = replace_damaged(bundle, data, chosen)
    delete_outdated(data, spared=chosen)
    return kept or before


def settle(bundle: BundleInfo, data: DataFolder, name: str, tell: Callable[[str], None]) -> None:
    """Complete an update that was interrupted, or else forget what it was to do to the database.

    That a working copy is missing or damaged must not keep the user from restoring a backup.
    """
    try:
        recover_data(bundle, data, tell, spared=parse_name(PurePath(name).name))
    except DatabaseUpdateError as error:
        log.warning("an interrupted update cannot be completed: %s", error)
        chosen = find_backup(data, name)
        try:
            others = [change for change in read_marker(data) if change.alias != chosen.alias]
        except (MarkerDamagedError, OSError):
            others = []
        try:
            if others:
                write_marker(data, others)
            else:
                remove_marker(data)
        except OSError as reason:
            raise not_restored(data, chosen.alias, reason) from reason


def replace_content(bundle: BundleInfo, data: DataFolder, chosen: Backup) -> str | None:
    """Replace what is there by the backup *chosen*; return the name of a copy of it, if any.

    Raises `DamagedCopyError`, `DatabaseBusyError`, `DatabaseUnusableError`, sqlite3.Error,
    OSError, ValueError; then the database is as it was.
    """
    database = data.database(chosen.alias)
    with lock_databases([database], LockWait(DATABASE_SECONDS)) as locks:
        before = None
        if not is_absent(database):
            lock = locks[database]
            before = make_backup(data, chosen.alias, "restore", bundle.version, lock).name
        with open_existing(data.backups / chosen.name) as source:
            locks[database].replace(source)
    return before


def replace_damaged(bundle: BundleInfo, data: DataFolder, chosen: Backup) -> str:
    """Set the damaged database aside, and restore the backup *chosen*; return the name it has.

    Raises `BackupError`.
    """
    name = damaged_name(chosen.alias, bundle.version)
    try:
        set_aside(data.database(chosen.alias), data.backups / name)
        replace_content(bundle, data, chosen)
    except FAILURES as error:
        raise not_restored(data, chosen.alias, error) from error
    return name


def set_aside_orphan(data: DataFolder, alias: str, version: str) -> str | None:
    """Set a write-ahead log aside whose database is gone. Raises OSError.

    Returns the name that it has with its database, None where there is no such log.
    """
    database = data.database(alias)
    if not is_log_orphaned(database):
        return None
    name = damaged_name(alias, version)
    set_aside(database, data.backups / name)
    return name


def damaged_name(alias: str, version: str) -> str:
    """Return the name under which the database *alias*, damaged, is set aside now."""
    return new_backup(alias, datetime.now(UTC), "restore", version).name + DAMAGED


def set_aside(database: Path, place: Path) -> None:
    """Move *database* and what is beside it to *place*: all of it or nothing. Raises OSError."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as back:
        for suffix in ("", *SIDE_FILES):
            source, target = beside(database, suffix), beside(place, suffix)
            with suppress(FileNotFoundError):
                move(source, target)
                back.callback(move, target, source)
                log.warning("%s was set aside as %s", source, target)
        back.pop_all()


def not_restored(data: DataFolder, alias: str, error: BaseException) -> BackupError:
    """Return the error that says why nothing was restored of the database *alias*."""
    failure = explain(error, data.database(alias))
    return BackupError(NOT_CHANGED, why=failure.why, next_step=failure.hint)
