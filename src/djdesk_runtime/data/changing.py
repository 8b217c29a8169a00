"""Changing the user's databases: all of a change or nothing of it, with a copy of what was."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from djdesk_runtime.data.backups import delete_outdated
from djdesk_runtime.data.connections import close_connections
from djdesk_runtime.data.marker import remove_marker, write_marker
from djdesk_runtime.data.precautions import back_up
from djdesk_runtime.data.recovery import undo
from djdesk_runtime.data.sqlite_files import create_private, is_absent, write_back
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.marker import Change

log = logging.getLogger(__name__)


def change_databases(
    bundle: BundleInfo, data: DataFolder, files: Mapping[str, Path], change: Callable[[], None]
) -> None:
    """Back up all databases, *files*, and call *change*; undo everything if it fails.

    All are backed up, because a migration may well move data from one to another. Raises what
    *change* raises, and `DatabaseUpdateError`. Code of the project that calls ``sys.exit`` has
    failed too. A process that ends otherwise leaves the marker, and the next start undoes it.
    """
    try:
        changes = back_up(bundle, data, files)
        write_marker(data, changes)
        try:
            carry_out(change, files.values())
            # Not before everything is on the disk, whatever PRAGMA synchronous says.
            remove_marker(data)
        except (Exception, SystemExit, KeyboardInterrupt):
            take_back(data, changes)
            raise
    finally:
        # Also where it fails at every start: each time makes backups. The marker needs its own.
        if not data.update_marker.exists():
            with suppress(OSError):
                delete_outdated(data)


def carry_out(change: Callable[[], None], paths: Collection[Path]) -> None:
    """Call *change* and write what it did to the databases *paths* to the disk."""
    for path in paths:
        create_private(path)
    change()
    close_connections()
    for path in paths:
        if not is_absent(path):
            write_back(path)


def take_back(data: DataFolder, changes: Sequence[Change]) -> None:
    """Undo *changes*. Raises `DatabaseUpdateError`; then what led to it is in the log."""
    log.warning("the databases could not be changed and are restored")
    with suppress(Exception):
        close_connections()
    try:
        undo(data, changes)
    except DatabaseUpdateError:
        log.exception("the databases could not be restored")
        raise
