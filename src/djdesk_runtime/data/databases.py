"""The project's databases, as a desktop application keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djdesk_runtime.data.folder import DataFolder

# Set while an update works on copies of the databases: for programs that a migration starts.
UPDATING_VARIABLE = "DJDESK_RUNTIME_UPDATING"

SQLITE_ENGINES = frozenset({"sqlite3", "spatialite"})

# IMMEDIATE: a transaction that starts reading and then writes would fail at once, whatever the
# timeout, if another one wrote in between. WAL: readers do not wait for the writer.
SQLITE_OPTIONS: dict[str, Any] = {"transaction_mode": "IMMEDIATE", "timeout": 20}

# NORMAL: with WAL the file is never damaged by a power cut; the last commits may be undone.
# FULL: they are not, and every one waits for the disk.
# https://www.sqlite.org/pragma.html#pragma_synchronous
SQLITE_COMMANDS = "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}"


def is_file_database(database: Mapping[str, Any]) -> bool:
    """Tell whether the settings *database* name a SQLite file by its path.

    Not a database in memory, and not a ``file:`` URI: a project that writes one says exactly
    how to open what, for instance read-only data of its own.
    """
    engine = str(database.get("ENGINE", "")).rpartition(".")[2]
    name = str(database.get("NAME", ""))
    return (
        engine in SQLITE_ENGINES and bool(name) and not name.startswith("file:")
    ) and ":memory:" not in name


def desktop_databases(
    databases: Mapping[str, Mapping[str, Any]], data: DataFolder, synchronous: str
) -> dict[str, dict[str, Any]]:
    """Return *databases* with every SQLite file moved to *data*.

    *synchronous* is NORMAL or FULL. Aliases that shared a file still do. The project's own
    OPTIONS win over ours.
    """
    moved: dict[str, str] = {}
    for alias in sorted(databases, key=lambda alias: alias != "default"):
        if is_file_database(databases[alias]):
            moved.setdefault(str(databases[alias]["NAME"]), str(data.database(alias)))
    return {
        alias: move(database, moved, synchronous) if is_file_database(database) else dict(database)
        for alias, database in databases.items()
    }


def move(database: Mapping[str, Any], moved: Mapping[str, str], synchronous: str) -> dict[str, Any]:
    """Return *database* at its new place, which has the type that the project's had."""
    place = moved[str(database["NAME"])]
    options = SQLITE_OPTIONS | dict(database.get("OPTIONS") or {})
    commands = [SQLITE_COMMANDS.format(synchronous=synchronous), options.get("init_command")]
    options["init_command"] = "; ".join(command for command in commands if command)
    name = Path(place) if isinstance(database["NAME"], Path) else place
    # Opening a file and switching it to WAL for each request takes longer than most queries.
    return {"CONN_MAX_AGE": None, **database, "NAME": name, "OPTIONS": options}
