"""What can happen to the data of a Windows installation, one thing after the other.

Each step starts from what the one before has left, as on a user's computer.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from build_support.bundles.protocol import new_token
from tests.integration.data_use import DATABASE, LATER, make_version
from tests.windows.access import use_link
from tests.windows.programs import Installation, start_and_end, starting

_LOSES_ALL = """
            migrations.RunSQL("DROP TABLE IF EXISTS notes_attachment"),
            migrations.RunSQL("DELETE FROM notes_note"),"""
_FAILS = f"""
        atomic = False
        def fail(apps, schema_editor):
            raise ValueError("this migration fails")
        operations = [{_LOSES_ALL}
            migrations.RunPython(fail),
        ]
"""
_STICKS = f"""
        atomic = False
        def stick(apps, schema_editor):
            import threading
            print("stuck", flush=True)
            threading.Event().wait()
        operations = [{_LOSES_ALL}
            migrations.RunPython(stick),
        ]
"""
_VERSIONS: Mapping[str, Mapping[str, str]] = {
    "7.0": {"0002_fails.py": _FAILS},
    "8.0": {"0002_sticks.py": _STICKS},
    "9.0": LATER,
}


def update(place: Installation, folder: Path) -> dict[str, Any]:
    """Start later versions and earlier ones on data that has a backup; return what was seen."""
    failing, sticking, later = (
        replace(place, bundle=make_version(place.bundle, folder, version, migrations))
        for version, migrations in _VERSIONS.items()
    )
    database = place.data / DATABASE
    facts: dict[str, Any] = {"rows at first": rows_of(database), "backups": _backups(place)}
    (backup,) = facts["backups"]
    facts["rows of backup"] = rows_of(place.data / "backups" / backup["name"])

    facts["failed"] = start_and_end(failing) | _left(place)
    facts["again"] = _open_in_browser(place) | _left(place)
    facts["stuck"] = _leave_in_migration(sticking) | _left(place)
    facts["updated"] = start_and_end(later) | _left(place)
    facts["files updated"] = _files_of(database)
    facts["refused"] = start_and_end(place) | _left(place)
    facts["files refused"] = _files_of(database)
    restored = place.use_data("restore", backup["name"])
    facts["restored"] = {"printed": restored} | _left(place)
    return facts


def rows_of(database: Path) -> str:
    """Return what stands for every row and table of a database, which must be whole.

    Reads a copy, and leaves the database alone.
    """
    with tempfile.TemporaryDirectory() as name:
        for suffix in ("", "-wal", "-journal"):
            file = database.with_name(database.name + suffix)
            if file.exists():
                shutil.copy(file, name)
        with closing(sqlite3.connect(Path(name, database.name))) as connection:
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            dump = "\n".join(connection.iterdump())
    assert "notes_note" in dump
    return hashlib.sha256(dump.encode()).hexdigest()


def _left(place: Installation) -> dict[str, Any]:
    """Return what a step has left: the rows, the backups, and whether an update is under way."""
    return {
        "rows": rows_of(place.data / DATABASE),
        "backups left": sorted(path.name for path in (place.data / "backups").iterdir()),
        "marker": (place.data / "updating.json").exists(),
    }


def _backups(place: Installation) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(place.use_data("backups", "--json"))
    return listed


def _files_of(database: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in database.parent.glob(f"{database.name}*")
    }


def _open_in_browser(place: Installation) -> dict[str, Any]:
    """Start without a token, let a browser in by the link, and ask the server to stop."""
    with starting(place) as server:
        server.wait_until_ready()
        opened = use_link(server)
        server.tell({"command": "stop"})
        return {"opened": opened, **server.rest()}


def _leave_in_migration(place: Installation) -> dict[str, Any]:
    """Let the shell be gone while a migration that never ends has damaged the data."""
    with starting(place, token=new_token()) as server:
        server.wait_until_it_prints(b"stuck")
        seconds = server.leave()
        return {"seconds": seconds, **server.rest()}
