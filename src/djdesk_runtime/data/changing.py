"""Changing the user's databases: all of a change or nothing of it, with a copy of what was.

The write locks of all databases are held from before they are copied until they are replaced, so
that nothing which others commit can be overwritten. A change that fails, or is killed, has worked
on copies only.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from djdesk_runtime.data.backups import delete_outdated
from djdesk_runtime.data.command_locks import exclusive_access
from djdesk_runtime.data.connections import open_once
from djdesk_runtime.data.precautions import back_up
from djdesk_runtime.data.replacing import NOT_UPDATED, lock_files, replace_databases
from djdesk_runtime.data.same_content import have_same_content
from djdesk_runtime.data.sqlite_files import make_durable
from djdesk_runtime.data.waiting import DATABASE_SECONDS, LockWait
from djdesk_runtime.data.working_copies import (
    abandon,
    delete_working_copies,
    make_working_copies,
    redirected,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from django.db.backends.base.base import BaseDatabaseWrapper

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.database_lock import DatabaseLock
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.marker import Change

# Locks of working copies that threads of the project still have open. They are never released:
# what such a thread wants to write fails, instead of going to a file that nobody reads.
KEPT = ExitStack()


def change_databases(
    bundle: BundleInfo,
    data: DataFolder,
    files: Mapping[str, Path],
    change: Callable[[], None],
    *,
    tell: Callable[[str], None],
    cancelled: Callable[[], bool],
) -> None:
    """Back up all databases, *files*, call *change*, and keep what it did unless it fails.

    All are locked and backed up, because a migration may well move data from one to another.
    *tell* says what is waited for, until *cancelled*. Raises what *change* raises,
    `DataInUseError`, `DatabaseUpdateError`, `WaitCancelledError`, OSError. Code of the project
    that calls ``sys.exit`` has failed too.
    """
    wait = LockWait(DATABASE_SECONDS, cancelled)
    try:
        with (
            exclusive_access(data, tell, cancelled),
            lock_files(bundle.root, data, files.values(), wait, what=NOT_UPDATED) as locks,
        ):
            changes = back_up(bundle, data, files, locks)
            make_working_copies(data, changes)
            with redirected(data) as opened:
                change()
            left = [connection for connection in opened if connection.connection is not None]
            keep_changes(bundle.root, data, changes, locks, left)
        open_once()
    finally:
        if not data.update_marker.exists():
            delete_working_copies(data)
            # Also where it fails at every start: each time makes backups.
            with suppress(OSError):
                delete_outdated(data)


def keep_changes(
    root: Path,
    data: DataFolder,
    changes: Sequence[Change],
    locks: Mapping[Path, DatabaseLock],
    left: Sequence[BaseDatabaseWrapper],
) -> None:
    """Let the databases hold what the working copies do, where a change was made.

    *left* are connections to the working copies that other threads have open: those find the
    databases instead from now on. Raises `DatabaseUpdateError`, OSError.
    """
    made = [change for change in changes if left or not is_unchanged(data, change)]
    copies = {change: data.working_copies / change.file for change in made}
    for copy in copies.values():
        make_durable(copy)
    with ExitStack() as stack:
        wait = LockWait(DATABASE_SECONDS)
        sealed = stack.enter_context(
            lock_files(root, data, copies.values(), wait, what=NOT_UPDATED)
        )
        if left:
            KEPT.push(stack.pop_all())
        replace_databases(root, data, made, locks, sealed)
    abandon(left)


def is_unchanged(data: DataFolder, change: Change) -> bool:
    """Tell whether the working copy of *change*, which nobody has open, is what its backup is."""
    backup = None if change.backup is None else data.backups / change.backup
    return have_same_content(data.working_copies / change.file, backup)
