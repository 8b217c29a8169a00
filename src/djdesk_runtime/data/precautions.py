"""What is made sure before databases are changed: that they are whole and can be restored."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from djdesk_runtime.data.advice import database_error
from djdesk_runtime.data.backups import make_backup
from djdesk_runtime.data.marker import Change
from djdesk_runtime.data.space import require_space
from djdesk_runtime.data.sqlite_files import (
    DamagedCopyError,
    DatabaseBusyError,
    content_bytes,
    is_absent,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.database_lock import DatabaseLock
    from djdesk_runtime.data.folder import DataFolder


def back_up(
    bundle: BundleInfo,
    data: DataFolder,
    files: Mapping[str, Path],
    locks: Mapping[Path, DatabaseLock],
) -> list[Change]:
    """Make sure that *files*, which are locked, are whole, and can be restored.

    Returns what each is and is to be. Raises `DatabaseUpdateError`, having changed nothing.
    """
    present = {alias: path for alias, path in files.items() if not is_absent(path)}
    require_space(data.root, sum(content_bytes(path) for path in present.values()))
    changes = []
    for alias, path in files.items():
        name = None
        if alias in present:
            try:
                name = make_backup(data, alias, "update", bundle.version, locks[path]).name
            except (DamagedCopyError, DatabaseBusyError, sqlite3.Error, OSError) as error:
                raise database_error(bundle.root, data, path, error) from error
        changes.append(Change(alias, path.name, name))
    return changes
