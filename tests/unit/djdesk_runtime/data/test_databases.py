from pathlib import Path
from typing import Any

import pytest

from djdesk_runtime.data.databases import desktop_databases
from djdesk_runtime.data.folder import DataFolder

DATA = DataFolder(Path("data"))
SQLITE = "django.db.backends.sqlite3"
OURS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": OURS}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/srv/site.db", str(Path("data/db.sqlite3"))),
        (Path("/srv/site.db"), Path("data/db.sqlite3")),
    ],
)
def test_file_moves_and_keeps_its_type(name: object, expected: object) -> None:
    database = {"ENGINE": SQLITE, "NAME": name, "CONN_MAX_AGE": 60}
    moved = desktop_databases({"default": database}, DATA, "NORMAL")
    assert moved == {"default": database | {"NAME": expected, "OPTIONS": OPTIONS}}
    assert type(moved["default"]["NAME"]).__name__ == type(expected).__name__


def test_connections_are_kept_unless_the_project_says_otherwise() -> None:
    moved = desktop_databases({"default": {"ENGINE": SQLITE, "NAME": "/x"}}, DATA, "NORMAL")
    assert moved["default"]["CONN_MAX_AGE"] is None


@pytest.mark.parametrize(
    "database",
    [
        {},
        {"ENGINE": SQLITE, "NAME": ":memory:"},
        {"ENGINE": SQLITE, "NAME": ""},
        {"ENGINE": SQLITE, "NAME": "file:shared?mode=memory&cache=shared"},
        {"ENGINE": SQLITE, "NAME": "file:/usr/share/words.db?mode=ro"},
        {"ENGINE": "django.db.backends.postgresql", "NAME": "site"},
    ],
)
def test_other_databases_stay(database: dict[str, Any]) -> None:
    assert desktop_databases({"default": database}, DATA, "NORMAL") == {"default": database}


def test_other_engine_over_sqlite_moves() -> None:
    database = {"ENGINE": "django.contrib.gis.db.backends.spatialite", "NAME": "/x"}
    moved = desktop_databases({"maps": database}, DATA, "NORMAL")
    assert moved["maps"]["NAME"] == str(Path("data/maps.sqlite3"))


def test_aliases_of_one_file_still_share_it() -> None:
    one, other = {"ENGINE": SQLITE, "NAME": "/x"}, {"ENGINE": SQLITE, "NAME": "/y"}
    moved = desktop_databases({"archive": one, "logs": other, "default": one}, DATA, "NORMAL")
    assert {alias: Path(moved[alias]["NAME"]).name for alias in moved} == {
        "archive": "db.sqlite3",
        "logs": "logs.sqlite3",
        "default": "db.sqlite3",
    }


def test_files_that_differ_stay_two() -> None:
    one, other = {"ENGINE": SQLITE, "NAME": "/x"}, {"ENGINE": SQLITE, "NAME": "/y"}
    moved = desktop_databases({"default": one, "db": other}, DATA, "NORMAL")
    assert moved["default"]["NAME"] != moved["db"]["NAME"]


def test_options_of_the_project_win() -> None:
    theirs = {
        "timeout": 5,
        "transaction_mode": "EXCLUSIVE",
        "init_command": "PRAGMA synchronous=FULL",
        "factory": "x",
    }
    database = {"ENGINE": SQLITE, "NAME": "/x", "OPTIONS": theirs}
    moved = desktop_databases({"default": database}, DATA, "NORMAL")
    assert moved["default"]["OPTIONS"] == theirs | {
        "init_command": OURS + "; PRAGMA synchronous=FULL"
    }
    assert theirs["init_command"] == "PRAGMA synchronous=FULL"


def test_every_commit_can_be_made_to_wait_for_the_disk() -> None:
    moved = desktop_databases({"default": {"ENGINE": SQLITE, "NAME": "/x"}}, DATA, "FULL")
    commands = moved["default"]["OPTIONS"]["init_command"]
    assert commands == "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
