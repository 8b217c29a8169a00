"""The commands ``backup``, ``backups`` and ``restore``.

They do not load the project: its data can be saved and restored although it cannot start.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.advice import restore_hint
from djdesk_runtime.data.alone import alone_with, tell
from djdesk_runtime.data.backups import (
    delete_outdated,
    list_backups,
    list_damaged,
    make_backup,
)
from djdesk_runtime.data.command_locks import shared_access
from djdesk_runtime.data.completeness import require_complete
from djdesk_runtime.data.failures import Cause, explain
from djdesk_runtime.data.folder import locate_data, prepare_data, unusable
from djdesk_runtime.data.inventory import require_own
from djdesk_runtime.data.progress import megabytes, progress_lines, reporting
from djdesk_runtime.data.restoring import choose_backup, restore_backup
from djdesk_runtime.data.retention import DAMAGED
from djdesk_runtime.data.space import needed_bytes, require_free
from djdesk_runtime.data.sqlite_files import (
    DamagedCopyError,
    DatabaseBusyError,
    content_bytes,
    is_absent,
)
from djdesk_runtime.errors import BackupError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.retention import Backup

NOTHING = "There are no backups.\n"


def backup(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Copy every database that is there and print the files made. A server may be running.

    Raises `DataMissingError` where one is not there that was, when the others have been copied.
    """
    bundle = read_bundle(root)
    data = locate_data(options.data_dir, environment, bundle.identifier)
    require_own(data)
    aliases = [alias for alias, path in data.databases().items() if not is_absent(path)]
    if not aliases:
        require_complete(root, data)
        raise BackupError(
            "No backup was made: there is no data yet.",
            why=f"{data.root} has no database",
            next_step="Start the application once, or name another folder with --data-dir.",
        )
    needed = needed_bytes(sum(content_bytes(data.database(alias)) for alias in aliases), 1)
    require_free(data.root, needed, BackupError, "No backup was made.")
    with shared_access(data, "backup"), reporting(progress_lines(tell)):
        if data.update_marker.exists():
            raise BackupError(
                "No backup was made: an update of your data is not complete.",
                why=f"{data.update_marker} is there",
                next_step="Start the application, which completes it.",
            )
        for alias in aliases:
            made = backup_by_hand(root, data, alias, bundle.version)
            sys.stdout.write(f"{data.backups / made.name}\n")
    require_complete(root, data)
    delete_outdated(data)
    return 0


def backup_by_hand(root: Path, data: DataFolder, alias: str, version: str) -> Backup:
    """Copy the database *alias*. Raises `BackupError`."""
    try:
        return make_backup(data, alias, "manual", version)
    except (DamagedCopyError, DatabaseBusyError, sqlite3.Error, OSError) as error:
        path = data.database(alias)
        failure = explain(error, path)
        damaged = failure.cause is Cause.DAMAGED
        raise BackupError(
            f"No backup of {path} was made.",
            why=failure.why,
            next_step=restore_hint(root, data, path) if damaged else failure.hint,
        ) from error


def backups(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Print the backups, newest first. Raises `DataFolderError`."""
    data = locate_data(options.data_dir, environment, read_bundle(root).identifier)
    try:
        listed = list_backups(data)
    except OSError as error:
        raise unusable(data.backups, error) from error
    found = [(made, bytes_of(data.backups / made.name)) for made in reversed(listed)]
    if options.json:
        sys.stdout.write(json.dumps([facts(*entry) for entry in found], indent=2) + "\n")
    else:
        sys.stdout.write("".join(line(*entry) for entry in found) or NOTHING)
        for damaged in reversed(list_damaged(data)):
            sys.stdout.write(f"Set aside as damaged: {data.backups / damaged.name}{DAMAGED}\n")
    return 0


def bytes_of(path: Path) -> int:
    """Return the size of the file *path*, 0 if it has just been deleted."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def facts(made: Backup, size: int) -> dict[str, object]:
    """Return what is known of a backup of *size* bytes, as JSON can hold it."""
    return {
        "name": made.name,
        "database": made.alias,
        "made": made.moment.isoformat(),
        "reason": made.reason,
        "version": made.version,
        "bytes": size,
    }


def line(made: Backup, size: int) -> str:
    """Return the line of the table for a backup of *size* bytes."""
    return f"{made.moment:%Y-%m-%d %H:%M} UTC  {megabytes(size):>10}  {made.name}\n"


def restore(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Bring a database back to a backup, and print what was done."""
    bundle = read_bundle(root)
    data = locate_data(options.data_dir, environment, bundle.identifier)
    chosen = choose_backup(data, options.name)
    with alone_with(prepare_data(data), "restore"):
        before = restore_backup(bundle, data, chosen.name, tell)
    sys.stdout.write(f"Restored {chosen.name}.\n")
    if before:
        sys.stdout.write(f"What was there before is {data.backups / before}\n")
    return 0
