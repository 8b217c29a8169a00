"""Whether the data folder still holds what it held; nothing that vanished is silently replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from djdesk_runtime.data.backups import list_backups
from djdesk_runtime.data.folder import alias_of
from djdesk_runtime.data.inventory import installation_of, kind_of, read_inventory
from djdesk_runtime.data.schema import read_stamps
from djdesk_runtime.data.sqlite_files import WRITE_AHEAD_LOG, is_log_orphaned
from djdesk_runtime.errors import DataMissingError
from djdesk_runtime.own_command import own_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.inventory import Kind
    from djdesk_runtime.data.schema import Schema, Stamps

FOUND: Mapping[str, str] = {
    "missing": "is missing",
    "empty": "is empty",
    "link": "was replaced by a link",
    "folder": "was replaced by a folder",
    "file": "was replaced by a file",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with *path*, which was there; *alias* where it is a database."""

    path: Path
    problem: str
    alias: str = ""


def require_complete(root: Path, data: DataFolder) -> None:
    """Raise `DataMissingError` unless all that *data* is known to have held is there.

    To be called after an interrupted update was undone, before anything is opened or created;
    *root* is the bundle's, for the commands to give.
    """
    if findings := list(find_missing(data)):
        raise missing_error(root, data, findings)


def require_content(
    root: Path, data: DataFolder, schemas: Mapping[str, Schema], stamps: Stamps
) -> None:
    """Raise `DataMissingError` where a database that had been set up has lost its tables."""
    findings = [
        Finding(data.database(alias), "has lost its tables", alias)
        for alias, schema in schemas.items()
        if stamps.get(alias) and not schema.applied
    ]
    if findings:
        raise missing_error(root, data, findings)


def find_missing(data: DataFolder) -> Iterator[Finding]:
    """Yield what is not as *data* is known to have been."""
    for name, kind in expected_entries(data).items():
        path = data.root / name
        found = kind_of(path)
        if found != kind:
            yield Finding(path, FOUND[found], alias_of_path(data, path))
    for log in orphaned_logs(data):
        yield Finding(log, "holds changes, and the database that they belong to is gone")
    if is_key_of_others(data):
        yield Finding(data.secret_key, "is the key of another installation")


def expected_entries(data: DataFolder) -> Mapping[str, Kind]:
    """Return what *data* is known to have held.

    A folder of an older version has no inventory: there the databases are known that a start has
    stamped or, without stamps, that there are copies of.
    """
    if inventory := read_inventory(data):
        return inventory.entries
    stamps = read_stamps(data.schema_file)
    aliases = [alias for alias, known in stamps.items() if known]
    if not stamps:
        aliases = [backup.alias for backup in list_backups(data)]
    return {data.database(alias).name: "file" for alias in aliases}


def orphaned_logs(data: DataFolder) -> Iterator[Path]:
    """Yield write-ahead logs with content whose database is not there."""
    for log in sorted(data.root.glob(f"*.sqlite3{WRITE_AHEAD_LOG}")):
        database = log.with_name(log.name.removesuffix(WRITE_AHEAD_LOG))
        if is_log_orphaned(database):
            yield log


def is_key_of_others(data: DataFolder) -> bool:
    """Tell whether the secret key is there and is not the one that was."""
    inventory, found = read_inventory(data), installation_of(data)
    return bool(inventory and found and inventory.installation not in {"", found})


def alias_of_path(data: DataFolder, path: Path) -> str:
    """Return the alias of the database in the file *path*, empty for another file."""
    is_database = path.parent == data.root and path.suffix == ".sqlite3"
    return alias_of(path.stem) if is_database else ""


def missing_error(root: Path, data: DataFolder, findings: Sequence[Finding]) -> DataMissingError:
    """Return the error that says what is missing, and how to get it back or go on without."""
    return DataMissingError(
        "Part of your data is missing or was replaced. Nothing was changed.",
        why="; ".join(f"{finding.path} {finding.problem}" for finding in findings),
        next_step="\n".join(remedies(root, data, findings)),
    )


def remedies(root: Path, data: DataFolder, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield what can be done, the best first."""
    yield (
        "Put it back from where it went or from a backup of your computer (connect the disk that "
        "it is on), and start again."
    )
    for alias in dict.fromkeys(finding.alias for finding in findings if finding.alias):
        if copies := [backup for backup in list_backups(data) if backup.alias == alias]:
            restore = own_command(root, data, "restore", copies[-1].name)
            yield f"Or bring back the newest copy that was made for you: {restore}"
    yield f"Or go on without it, on purpose: {own_command(root, data, 'adopt')}"
    yield f"Or begin from nothing: move the folder {data.root} elsewhere and start again."


def present_entries(data: DataFolder) -> dict[str, Kind]:
    """Return what *data* is known to have held and still holds, as it is now."""
    kinds = {name: kind_of(data.root / name) for name in expected_entries(data)}
    return {name: kind for name, kind in kinds.items() if kind not in {"missing", "empty"}}
