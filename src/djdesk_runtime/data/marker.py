"""The marker of an update under way: what to do before anything else if it is there.

``updating.json`` is on the disk before a database is changed and until the change is complete.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from djdesk_runtime.data.durable import delete_durably, write_durably

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djdesk_runtime.data.folder import DataFolder


class MarkerDamagedError(Exception):
    """The marker is there and does not say what it must."""


@dataclass(frozen=True, slots=True)
class Change:
    """A database that is being changed: its file in the data folder, and its backup's name.

    Without a backup there was no database. *moved*: the backup becomes the database, because
    the disk has no room for both; once its file is gone that has been done.
    """

    alias: str
    file: str
    backup: str | None
    moved: bool = False


def write_marker(data: DataFolder, changes: Sequence[Change]) -> None:
    """Let the marker say *changes*, on the disk. Raises OSError."""
    content = {"databases": [asdict(change) for change in changes]}
    write_durably(data.update_marker, json.dumps(content, indent=1).encode("ascii"))


def remove_marker(data: DataFolder) -> None:
    """Say, on the disk, that no database is being changed. Raises OSError."""
    delete_durably(data.update_marker)


def read_marker(data: DataFolder) -> tuple[Change, ...]:
    """Return what the marker says, nothing when there is none.

    Raises `MarkerDamagedError`, OSError.
    """
    try:
        content = data.update_marker.read_bytes()
    except FileNotFoundError:
        return ()
    try:
        return tuple(parse_change(entry) for entry in json.loads(content)["databases"])
    except (ValueError, TypeError, KeyError) as error:
        raise MarkerDamagedError(f"{type(error).__name__}: {error}") from error


def parse_change(entry: dict[str, Any]) -> Change:
    """Return the change that *entry* describes; ValueError, TypeError or KeyError if it does not.

    The names are of files right in their folders: nothing elsewhere can be meant.
    """
    change = Change(
        entry["alias"], entry["file"], entry["backup"], moved=entry.get("moved") is True
    )
    if not isinstance(change.alias, str):
        raise TypeError("alias")
    for name in (change.file, change.backup or change.file):
        if not name or PurePath(name).name != name:
            raise ValueError(name)
    return change
