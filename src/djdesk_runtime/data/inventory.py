"""What the data folder held at the last start, so that nothing of it vanishes unnoticed.

``inventory.json`` names the application and the installation that the folder belongs to, and
every database, folder of uploaded files and key that was there, with its kind.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from djdesk_runtime.data.durable import write_durably
from djdesk_runtime.errors import DataFolderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder

type Kind = Literal["file", "folder", "link", "empty", "missing"]

KINDS: frozenset[str] = frozenset(get_args(Kind.__value__))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the folder of the application *identifier* held: kinds by path, with ``/`` in it.

    *installation* tells one secret key from another without giving it away; empty is unknown.
    """

    identifier: str
    installation: str
    entries: Mapping[str, Kind]


def kind_of(path: Path) -> Kind:
    """Return what is at *path*; a link that leads nowhere is missing. Raises OSError."""
    if not path.exists():
        return "missing"
    if path.is_symlink() or path.is_junction():
        return "link"
    if path.is_dir():
        return "folder"
    return "file" if path.stat().st_size else "empty"


def installation_of(data: DataFolder) -> str:
    """Return what identifies the installation whose secret key *data* has, empty without one."""
    try:
        key = data.secret_key.read_bytes().strip()
    except OSError:
        return ""
    return hashlib.sha256(b"installation:" + key).hexdigest() if key else ""


def read_inventory(data: DataFolder) -> Inventory | None:
    """Return the inventory of *data*; None where there is none that can be understood."""
    try:
        content = json.loads(data.inventory_file.read_bytes())
        return Inventory(
            str(content["identifier"]), str(content["installation"]), entries_in(content["entries"])
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        log.warning("%s cannot be used: %s", data.inventory_file, error)
        return None


def entries_in(content: Mapping[str, Kind]) -> dict[str, Kind]:
    """Return the entries in *content*. Raises ValueError for a kind that is not one."""
    for kind in content.values():
        if kind not in KINDS:
            raise ValueError(kind)
    return dict(content)


def take_inventory(data: DataFolder, folders: Iterable[Path]) -> Inventory:
    """Return what *data* holds now: databases, the key, and of *folders* those in it."""
    paths = [*data.databases().values(), data.secret_key, *folders]
    kinds = {path.relative_to(data.root).as_posix(): kind_of(path) for path in paths}
    entries = {name: kind for name, kind in kinds.items() if kind not in {"missing", "empty"}}
    return Inventory(data.identifier, installation_of(data), entries)


def write_inventory(data: DataFolder, inventory: Inventory) -> None:
    """Let the file say *inventory*, on the disk, unless it does. Raises OSError."""
    if read_inventory(data) == inventory:
        return
    content = {
        "schema": 1,
        "identifier": inventory.identifier,
        "installation": inventory.installation,
        "entries": dict(sorted(inventory.entries.items())),
    }
    write_durably(data.inventory_file, json.dumps(content, indent=1).encode("ascii") + b"\n")


def require_own(data: DataFolder) -> None:
    """Raise `DataFolderError` where *data* holds the data of another application."""
    found = read_inventory(data)
    if found and found.identifier and data.identifier not in {"", found.identifier}:
        raise DataFolderError(
            "The folder holds the data of another application. Nothing was changed.",
            why=f"{data.root} belongs to {found.identifier}, and this is {data.identifier}",
            next_step=(
                "Choose another folder with --data-dir. If this application was called "
                f"{found.identifier} before and is to go on with its data, run the command 'adopt'."
            ),
        )
