"""Errors about a database, with advice that can be followed where they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djdesk_runtime.data.backups import list_backups
from djdesk_runtime.data.failures import Cause, explain
from djdesk_runtime.data.folder import alias_of
from djdesk_runtime.errors import DatabaseUpdateError
from djdesk_runtime.own_command import own_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.retention import Backup

NOT_CHANGED = "Your data cannot be used at the moment. It was not changed."


def database_error(
    root: Path, data: DataFolder, path: Path, error: BaseException, *, what: str = NOT_CHANGED
) -> DatabaseUpdateError:
    """Return the error that says *what*, because of *error* at the database *path*.

    *root* is the bundle's, for the commands to give. Damage is called that, and nothing else is.
    """
    failure = explain(error, path)
    if failure.cause is Cause.DAMAGED:
        return DatabaseUpdateError(
            "Your data is damaged. It was not changed.",
            why=failure.why,
            next_step=restore_hint(root, data, path),
        )
    return DatabaseUpdateError(what, why=failure.why, next_step=failure.hint)


def restore_hint(root: Path, data: DataFolder, path: Path) -> str:
    """Return how to get a good copy of the database *path* back: from ours, if there are any."""
    alias = alias_of(path.stem)
    copies = [backup for backup in known_backups(data) if backup.alias == alias]
    if not copies:
        return (
            f"There is no copy of it in {data.backups}. Put one from a backup of your computer "
            f"in the place of {path}, or report this problem."
        )
    command = own_command(root, data, "restore", copies[-1].name)
    return f"Bring back the newest copy that was made for you: {command}"


def restore_hints(root: Path, data: DataFolder, names: Sequence[str] = ()) -> str:
    """Return how to bring databases of *data* back to the copies *names*, else the newest ones."""
    newest = {backup.alias: backup.name for backup in known_backups(data)}
    there = [name for name in names if (data.backups / name).is_file()] or list(newest.values())
    if not there:
        return (
            f"There are no copies in {data.backups}. Put your data back from a backup of your "
            "computer, or report this problem."
        )
    return "\n".join(
        [
            "Bring back the copies that were made for you:",
            *(own_command(root, data, "restore", name) for name in there),
        ]
    )


def known_backups(data: DataFolder) -> list[Backup]:
    """Return the backups in *data*, nothing where they cannot be listed."""
    try:
        return list_backups(data)
    except OSError:
        return []
