"""Which migrations a database has, and whether this version of the application knows them.

A migration that is not known belongs to a newer version, which may have changed the data in ways
that this one would damage; or to an older one, which had an application or a step that this one
no longer has. ``schema.json`` tells the two apart: it says of every migration which version last
knew it.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djdesk_runtime.data.durable import write_durably
from djdesk_runtime.data.sqlite_files import is_absent, open_existing, read_untouched
from djdesk_runtime.data.versions import is_older

if TYPE_CHECKING:
    from collections.abc import Mapping, Set
    from pathlib import Path

# An application's label and the name of one of its migrations.
type Migration = tuple[str, str]

# For every alias: the version that last knew each migration, called "label.name".
type Stamps = dict[str, dict[str, str]]

TABLE = "django_migrations"


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database has: applied migrations, and the names of tables and views."""

    applied: frozenset[Migration] = frozenset()
    tables: frozenset[str] = frozenset()


def read_schema(database: Path) -> Schema:
    """Return what the file *database* has, changing neither it nor its log.

    Raises sqlite3.Error, OSError.
    """
    if is_absent(database):
        return Schema()
    try:
        with read_untouched(database) as connection:
            return schema_of(connection)
    except sqlite3.DatabaseError:
        # Another program may have been writing: only a lock tells.
        with open_existing(database) as connection:
            return schema_of(connection)


def schema_of(connection: sqlite3.Connection) -> Schema:
    """Return what the database of *connection* has. Raises sqlite3.Error."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    tables = frozenset(str(name) for (name,) in names)
    if TABLE not in tables:
        return Schema(tables=tables)
    rows = connection.execute(f"SELECT app, name FROM {TABLE}")  # noqa: S608 - a constant
    return Schema(frozenset((str(label), str(name)) for label, name in rows), tables)


def newer_migrations(
    applied: Set[Migration], known: Set[Migration], stamps: Mapping[str, str], version: str
) -> list[str]:
    """Return which of *applied* may be the work of a newer version than *version*, sorted.

    Those are the ones that are not *known*, unless *stamps* say that a version which is
    certainly older was the last to know them.
    """
    return sorted(
        name
        for migration in applied - known
        if not is_older(stamps.get(name := spelled(migration), ""), version)
    )


def stamped(
    applied: Set[Migration], known: Set[Migration], stamps: Mapping[str, str], version: str
) -> dict[str, str]:
    """Return the stamps of *applied* after *version*, which knows *known*, has started."""
    new = {}
    for migration in sorted(applied):
        name = spelled(migration)
        if migration in known:
            new[name] = version
        elif name in stamps:
            new[name] = stamps[name]
    return new


def spelled(migration: Migration) -> str:
    """Return how *migration* is written for people and in the file."""
    return ".".join(migration)


def read_stamps(path: Path) -> Stamps:
    """Return what the file *path* says; nothing where it is missing or cannot be understood.

    Then every migration that is not known counts as one of a newer version.
    """
    try:
        aliases = json.loads(path.read_bytes())["migrations"]
        return {
            str(alias): {str(name): str(version) for name, version in stamps.items()}
            for alias, stamps in aliases.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def read_last_version(path: Path) -> str:
    """Return which version last started, as the file *path* says; empty where it does not."""
    try:
        return str(json.loads(path.read_bytes())["version"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ""


def write_stamps(path: Path, version: str, stamps: Stamps) -> None:
    """Let the file *path* say that *version* has started and left *stamps*, unless it does.

    Raises OSError.
    """
    content = {"version": version, "migrations": stamps}
    text = json.dumps(content, indent=1, sort_keys=True).encode("ascii")
    try:
        if path.read_bytes() == text:
            return
    except OSError:
        pass
    write_durably(path, text)
