"""The marker: updated databases are replacing several; what to do before anything else then.

``updating.json`` is on the disk before the first of several databases is replaced and until the
last one is. One database alone is replaced in one transaction of SQLite, and needs no marker.
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
    """A database that is replaced: its file, in the data folder and among the working copies.

    *backup* is the name of the copy of what it was; without one there was no database. *done*:
    it was replaced.
    """

    alias: str
    file: str
    backup: str | None
    done: bool = False


def write_marker(data: DataFolder, changes: Sequence[Change]) -> None:
    """Let the marker say *changes*, on the disk. Raises OSError."""
    content = {"databases": [asdict(change) for change in changes]}
    write_durably(data.update_marker, json.dumps(content, indent=1).encode("ascii"))


def remove_marker(data: DataFolder) -> None:
    """Say, on the disk, that no database is being replaced. Raises OSError."""
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
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise MarkerDamagedError(f"{type(error).__name__}: {error}") from error


def parse_change(entry: dict[str, Any]) -> Change:
    """Return the change that *entry* describes; ValueError, TypeError or KeyError if it does not.

    The names are of files right in their folders: nothing elsewhere can be meant.
    """
    change = Change(entry["alias"], entry["file"], entry["backup"], done=entry["done"] is True)
    if not isinstance(change.alias, str):
        raise TypeError("alias")
    for name in (change.file, change.backup or change.file):
        if not name or PurePath(name).name != name:
            raise ValueError(name)
    return change
