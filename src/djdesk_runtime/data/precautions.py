"""What is made sure before databases are changed: that they are whole and can be restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djdesk_runtime.data.backups import DamagedCopyError, make_backup
from djdesk_runtime.data.marker import Change
from djdesk_runtime.data.space import require_space
from djdesk_runtime.data.sqlite_files import (
    DatabaseBusyError,
    content_bytes,
    is_absent,
    problem_of,
)
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder


def back_up(bundle: BundleInfo, data: DataFolder, files: Mapping[str, Path]) -> list[Change]:
    """Make sure that *files* are whole and can be restored; return what to do for that.

    Raises `DatabaseUpdateError`, having changed nothing, and OSError.
    """
    present = {alias: path for alias, path in files.items() if not is_absent(path)}
    require_space(data.root, sum(content_bytes(path) for path in present.values()))
    for path in present.values():
        if problem := problem_of(path):
            raise damaged(path, problem)
    changes = []
    for alias, path in files.items():
        name = None
        if alias in present:
            try:
                name = make_backup(data, alias, "update", bundle.version).name
            except DamagedCopyError as error:
                raise damaged(path, str(error)) from error
            except DatabaseBusyError as error:
                raise busy(path) from error
        changes.append(Change(alias, path.name, name))
    return changes


def damaged(path: Path, why: str) -> DatabaseUpdateError:
    """Return the error that says the database *path* is damaged."""
    return DatabaseUpdateError(
        "Your data is damaged. It was not changed.",
        why=f"{path}: {why}",
        next_step="Look for a good copy with 'backups' and restore it with 'restore'.",
    )


def busy(path: Path) -> DatabaseUpdateError:
    """Return the error that says another program uses the database *path*."""
    return DatabaseUpdateError(
        "Your data could not be brought up to date for this version. It was not changed.",
        why=f"another program has {path} open",
        next_step="Close that program and start again.",
    )
