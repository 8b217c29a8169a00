"""Copies of the user's databases in the folder of backups: made, listed, thrown away."""

from __future__ import annotations

import logging
import os
import re
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from djdesk_runtime.data.clones import clone_file
from djdesk_runtime.data.durable import PARTIAL, move, private, sync_folder
from djdesk_runtime.data.progress import Progress, report
from djdesk_runtime.data.retention import (
    DAMAGED,
    new_backup,
    outdated,
    outdated_damaged,
    parse_damaged_name,
    parse_name,
)
from djdesk_runtime.data.sqlite_files import (
    SIDE_FILES,
    DamagedCopyError,
    beside,
    keep_in_one_file,
    open_existing,
    problem_of,
    write_copy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from djdesk_runtime.data.database_lock import DatabaseLock
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.retention import Backup, Reason

SECOND = timedelta(seconds=1)

# For how long a backup that nothing was written to may still be under way.
LONGEST_BACKUP = timedelta(days=1)

# What a small file is called until it is complete, where several processes may write it.
TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp$")

log = logging.getLogger(__name__)


def list_backups(data: DataFolder) -> list[Backup]:
    """Return the backups in *data*, oldest first. Files of other kinds are passed over."""
    found = [backup for path in files_in(data.backups) if (backup := parse_name(path.name))]
    return sorted(found, key=lambda backup: (backup.moment, backup.name))


def list_damaged(data: DataFolder) -> list[Backup]:
    """Return what names the damaged databases that were set aside in *data*, oldest first."""
    names = [path.name for path in files_in(data.backups)]
    found = [backup for name in names if (backup := parse_damaged_name(name))]
    return sorted(found, key=lambda backup: (backup.moment, backup.name))


def files_in(folder: Path) -> list[Path]:
    """Return what is in *folder*, nothing when it does not exist."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def make_backup(
    data: DataFolder, alias: str, reason: Reason, version: str, lock: DatabaseLock | None = None
) -> Backup:
    """Copy the database *alias* into the backups. Other processes may go on using it.

    *lock* is the one that this process has on it, if it has.
    The copy has been read back and is on the disk when this returns; before, it has another
    name. Raises `DamagedCopyError`, `DatabaseBusyError`, sqlite3.Error, OSError, leaving nothing.
    """
    data.backups.mkdir(mode=0o700, exist_ok=True)
    backup = claim_name(data, alias, reason, version)
    partial = data.backups / (backup.name + PARTIAL)
    try:
        copy_database(data.database(alias), partial, lock)
        require_whole(partial)
        move(partial, data.backups / backup.name)
    except BaseException:
        for suffix in ("", *SIDE_FILES):
            with suppress(OSError):
                beside(partial, suffix).unlink(missing_ok=True)
        with suppress(OSError):  # It has something in it.
            data.backups.rmdir()
        raise
    sync_folder(data.backups)
    sync_folder(data.root)
    log.info("made the backup %s", backup.name)
    return backup


def copy_database(database: Path, copy: Path, lock: DatabaseLock | None) -> None:
    """Write what is committed in *database*, which *lock* is on, to the empty file *copy*.

    Raises `DatabaseBusyError`, sqlite3.Error, OSError.
    """
    if lock and lock.is_in_one_file() and clone_file(database, copy):
        keep_in_one_file(copy)
        return
    with lock.reader() if lock else open_existing(database) as source:
        write_copy(source, copy)


def require_whole(copy: Path) -> None:
    """Raise `DamagedCopyError` unless *copy* is whole."""
    report(Progress("Checking", "Checking the copy"))
    if problem := problem_of(copy):
        raise DamagedCopyError(problem)


def claim_name(data: DataFolder, alias: str, reason: Reason, version: str) -> Backup:
    """Return a backup whose name nobody else has, with its empty partial file made.

    A second backup in the same second is said to be of the next one.
    """
    moment = datetime.now(UTC)
    while True:
        backup = new_backup(alias, moment, reason, version)
        path = data.backups / backup.name
        moment += SECOND
        if path.exists():
            continue
        with suppress(FileExistsError):
            os.close(private(f"{path}{PARTIAL}", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            return backup


def partial_files(data: DataFolder) -> Iterator[Path]:
    """Yield what was being written when a process was killed."""
    yield from (beside(path, PARTIAL) for path in (data.update_marker, data.schema_file))
    for path in files_in(data.backups):
        name, ending, rest = path.name.rpartition(PARTIAL)
        if ending and rest in {"", *SIDE_FILES} and parse_name(name):
            yield path
    yield from (path for path in files_in(data.root) if TEMPORARY.search(path.name))


def delete_partial(data: DataFolder) -> None:
    """Delete what was being written when a process was killed. For who has locked *data*.

    The command ``backup`` locks nothing, and may be at work.
    """
    for path in partial_files(data):
        if not may_be_written(path):
            delete(path)


def may_be_written(path: Path) -> bool:
    """Tell whether somebody may be writing the partial file *path* at the moment."""
    backup = parse_name(path.name.rpartition(PARTIAL)[0])
    by_others = backup.reason == "manual" if backup else TEMPORARY.search(path.name)
    if not by_others:
        return False
    with suppress(OSError):
        return abs(time.time() - path.stat().st_mtime) < LONGEST_BACKUP.total_seconds()
    return False


def delete_outdated(data: DataFolder, spared: Backup | None = None) -> None:
    """Delete the backups and damaged databases that need not be kept, but not *spared*."""
    whole, today = list_backups(data), datetime.now(UTC).date()
    for backup in outdated(whole, today) - {spared}:
        delete(data.backups / backup.name)
    for backup in outdated_damaged(list_damaged(data), whole, today):
        for suffix in (*SIDE_FILES, ""):
            delete(data.backups / (backup.name + DAMAGED + suffix))


def delete(path: Path) -> None:
    """Delete *path*; one that cannot be deleted only takes up room."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s could not be deleted: %s", path, error)
