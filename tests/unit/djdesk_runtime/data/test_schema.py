from pathlib import Path

import pytest

from djdesk_runtime.data.schema import (
    Schema,
    newer_migrations,
    read_schema,
    read_stamps,
    stamped,
    write_stamps,
)
from tests.unit.djdesk_runtime.data.made_databases import make_database

A, B, OLD, NEW = (("app", name) for name in ("a", "b", "old", "new"))
KNOWN = frozenset({A, B})


@pytest.mark.parametrize(
    ("applied", "stamps", "newer"),
    [
        (set(), {}, []),
        ({A, B}, {}, []),
        ({A}, {"app.a": "9.0"}, []),  # the user went back to this version, which knows it
        ({A, NEW}, {}, ["app.new"]),
        ({A, NEW}, {"app.new": "2.0"}, ["app.new"]),
        ({A, NEW}, {"app.new": "3.0"}, ["app.new"]),
        ({A, NEW}, {"app.new": "latest"}, ["app.new"]),
        ({A, NEW}, {"other.new": "1.0"}, ["app.new"]),
        ({A, OLD}, {"app.old": "1.9"}, []),
        ({OLD, NEW}, {"app.old": "1.9", "app.new": "2.1"}, ["app.new"]),
    ],
)
def test_what_may_be_of_a_newer_version(
    applied: set[tuple[str, str]], stamps: dict[str, str], newer: list[str]
) -> None:
    assert newer_migrations(applied, KNOWN, stamps, "2.0") == newer


def test_version_that_says_nothing_knows_no_older_one() -> None:
    assert newer_migrations({OLD}, KNOWN, {"app.old": "1.0"}, "main") == ["app.old"]


def test_application_that_was_removed_stays_allowed_in_later_versions() -> None:
    stamps = stamped({A, OLD}, {A, OLD}, {}, "1.0")
    for version in ("1.1", "1.1", "1.2"):
        assert newer_migrations({A, OLD}, {A}, stamps, version) == []
        stamps = stamped({A, OLD}, {A}, stamps, version)
        assert stamps == {"app.a": version, "app.old": "1.0"}
    # And the version that had it can be started again.
    assert newer_migrations({A, OLD}, {A, OLD}, stamps, "1.0") == []


def test_stamps_of_what_is_gone_go() -> None:
    assert stamped({A}, KNOWN, {"app.old": "1.0"}, "2.0") == {"app.a": "2.0"}


def test_stamps_are_read_again_and_written_when_they_change_only(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    stamps = {"default": {"app.a": "1.0"}, "more": {}}
    assert read_stamps(path) == {}
    write_stamps(path, "1.0", stamps)
    assert read_stamps(path) == stamps
    number = path.stat().st_ino, path.stat().st_mtime_ns
    write_stamps(path, "1.0", stamps)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == number
    write_stamps(path, "1.1", stamps)
    assert b"1.1" in path.read_bytes()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", "3", '{"migrations": 3}', '{"migrations": {"default": []}}']
)
def test_unreadable_stamps_say_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "schema.json").write_text(content)
    assert read_stamps(tmp_path / "schema.json") == {}


def test_schema_of_a_database_that_django_never_saw(tmp_path: Path) -> None:
    assert read_schema(tmp_path / "missing") == Schema()
    make_database(tmp_path / "db.sqlite3", [])
    assert read_schema(tmp_path / "db.sqlite3") == Schema(tables=frozenset({"things"}))
