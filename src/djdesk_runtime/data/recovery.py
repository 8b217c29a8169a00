"""Completing the replacement of several databases that was interrupted between two of them."""

from __future__ import annotations

import logging
import sqlite3
from enum import Enum
from typing import TYPE_CHECKING

from djdesk_runtime.data.advice import restore_hints
from djdesk_runtime.data.backups import delete, delete_outdated, delete_partial, make_backup
from djdesk_runtime.data.command_locks import exclusive_access
from djdesk_runtime.data.marker import MarkerDamagedError, read_marker, remove_marker
from djdesk_runtime.data.replacing import incomplete_error, lock_files
from djdesk_runtime.data.same_content import have_same_content
from djdesk_runtime.data.sqlite_files import (
    DamagedCopyError,
    DatabaseBusyError,
    is_absent,
    open_existing,
    problem_of,
)
from djdesk_runtime.data.waiting import DATABASE_SECONDS, LockWait, never
from djdesk_runtime.data.working_copies import delete_working_copies
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.database_lock import DatabaseLock
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.marker import Change
    from djdesk_runtime.data.retention import Backup

log = logging.getLogger(__name__)


class MissingCopyError(Exception):
    """A working copy of an interrupted update is not there, or is damaged."""


class State(Enum):
    """What a database is that an interrupted update was to replace."""

    BEFORE = "what it was before the update"
    AFTER = "what the update made of it, or later"
    OTHER = "what another program made of it since"


def recover_data(
    bundle: BundleInfo,
    data: DataFolder,
    tell: Callable[[str], None],
    *,
    cancelled: Callable[[], bool] = never,
    spared: Backup | None = None,
) -> None:
    """Complete what an earlier process began to replace, or forget it if nothing was replaced.

    To be called with *data* locked, before the project's code is loaded. *tell* says what is
    going on. Of the backups those are deleted that need not be kept, but not *spared*. Raises
    `DatabaseUpdateError`, `DataInUseError`, and `WaitCancelledError` when *cancelled* says so.
    """
    try:
        changes = read_marker(data)
        if changes:
            tell("Completing the update of your data…")
            log.warning("an update was interrupted: %s", [change.file for change in changes])
            complete_update(bundle, data, changes, tell, cancelled)
            delete_outdated(data, spared)
        delete_working_copies(data)
        delete_partial(data)
    except MarkerDamagedError as error:
        why = f"{data.update_marker} cannot be understood: {error}"
        raise uncompleted_error(bundle.root, data, (), why) from error
    except OSError as error:
        raise incomplete_error(data.update_marker, error) from error


def complete_update(
    bundle: BundleInfo,
    data: DataFolder,
    changes: Sequence[Change],
    tell: Callable[[str], None],
    cancelled: Callable[[], bool],
) -> None:
    """Replace those databases of *changes* that were not, if others were. Can be repeated.

    Raises `DatabaseUpdateError`, also to tell what of other programs is in a copy only.
    """
    paths = [data.root / change.file for change in changes]
    kept: list[Backup] = []
    wait = LockWait(DATABASE_SECONDS, cancelled)
    with (
        exclusive_access(data, tell, cancelled),
        lock_files(bundle.root, data, paths, wait) as locks,
    ):
        found: dict[Change, tuple[State, Backup | None]] = {}
        try:
            for change in changes:
                found[change] = find_state(bundle, data, change, locks)
            if any(state is State.AFTER for state, _ in found.values()):
                for change, (state, present) in found.items():
                    if state is State.OTHER and present:
                        kept.append(present)
                    if state is not State.AFTER:
                        replace_database(data, change, locks)
        except MissingCopyError as error:
            raise uncompleted_error(bundle.root, data, changes, str(error)) from error
        finally:
            for _, present in found.values():
                if present and present not in kept:
                    delete(data.backups / present.name)
        remove_marker(data)
        delete_working_copies(data)
    if kept:
        raise kept_error(data, kept)


def find_state(
    bundle: BundleInfo, data: DataFolder, change: Change, locks: Mapping[Path, DatabaseLock]
) -> tuple[State, Backup | None]:
    """Return what the database of *change* is now, and a copy of that, None if it has nothing.

    Raises `DatabaseUpdateError`, OSError.
    """
    path = data.root / change.file
    if change.done:
        return State.AFTER, None
    if is_absent(path):
        return (State.OTHER if change.backup else State.BEFORE), None
    try:
        present = make_backup(data, change.alias, "restore", bundle.version, locks[path])
    except (DamagedCopyError, DatabaseBusyError, sqlite3.Error) as error:
        raise incomplete_error(path, error) from error
    copy, before = data.backups / present.name, data.backups / (change.backup or "")
    if (after := data.working_copies / change.file).is_file() and have_same_content(copy, after):
        return State.AFTER, present
    if change.backup and before.is_file() and have_same_content(copy, before):
        return State.BEFORE, present
    return State.OTHER, present


def replace_database(data: DataFolder, change: Change, locks: Mapping[Path, DatabaseLock]) -> None:
    """Let the database of *change* hold what its working copy does.

    Raises `DatabaseUpdateError`, and `MissingCopyError` where the copy cannot be used.
    """
    path, copy = data.root / change.file, data.working_copies / change.file
    if problem := problem_of_copy(copy):
        raise MissingCopyError(f"{copy}: {problem}")
    try:
        with open_existing(copy) as source:
            locks[path].replace(source)
    except (DatabaseBusyError, sqlite3.Error) as error:
        raise incomplete_error(path, error) from error


def problem_of_copy(copy: Path) -> str | None:
    """Return why the working copy *copy* cannot be used, None if it can."""
    if not copy.is_file():
        return "the file is missing"
    try:
        return problem_of(copy)
    except sqlite3.Error as error:
        return str(error)


def uncompleted_error(
    root: Path, data: DataFolder, changes: Sequence[Change], why: str
) -> DatabaseUpdateError:
    """Return the error that says how to go back to what was before the update of *changes*.

    Without *changes*, it is not known which databases those are.
    """
    names = [change.backup for change in changes if change.backup]
    return DatabaseUpdateError(
        "An update of your data was interrupted and cannot be completed.",
        why=why,
        next_step=restore_hints(root, data, names),
    )


def kept_error(data: DataFolder, kept: Sequence[Backup]) -> DatabaseUpdateError:
    """Return the error that says where the work of other programs is now."""
    files = ", ".join(str(data.backups / backup.name) for backup in kept)
    return DatabaseUpdateError(
        "An update of your data was interrupted, and another program changed your data before "
        "it could be completed. It is complete now, without what that program wrote.",
        why=f"that is in {files}",
        next_step="Start again. Keep that file, and report this problem if you miss something.",
    )
