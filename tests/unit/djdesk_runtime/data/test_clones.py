"""Clones are what they are of, and where there are none, a file is empty and locks are kept."""

import platform
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from djdesk_runtime.data import backups, clones
from djdesk_runtime.data.backups import make_backup
from djdesk_runtime.data.clones import clone_file, has_clones
from djdesk_runtime.data.database_lock import lock_databases
from djdesk_runtime.data.waiting import LockWait
from tests import unix
from tests.unit.djdesk_runtime.data.made_databases import make_data, make_database, names_in

MEGABYTE = 1 << 20
IS_LOCKED = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, autocommit=True)
try:
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError:
    sys.exit(7)
"""


@pytest.fixture(params=["mkfs.btrfs", "mkfs.xfs"])
def cloning(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system with clones, mounted for this test."""
    program = shutil.which(request.param) or shutil.which(request.param, path="/sbin:/usr/sbin")
    if program is None or platform.system() != "Linux" or unix.geteuid() != 0:
        pytest.skip(f"needs root and {request.param}")
    image, place = tmp_path / "image", tmp_path / "mounted"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(400 * MEGABYTE)
    subprocess.run([program, "-q", image], check=True, capture_output=True)
    if subprocess.run(["mount", "-o", "loop", image, place], check=False).returncode:
        pytest.skip("may not mount")
    yield place
    subprocess.run(["umount", place], check=True)


def test_clone_takes_no_room_and_keeps_the_locks_of_this_process(cloning: Path) -> None:
    database = make_database(cloning / "db.sqlite3", ["x" * 1000] * 20_000)
    copy = cloning / "copy"
    copy.touch()
    unix.sync()
    free = shutil.disk_usage(cloning).free
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("BEGIN IMMEDIATE")
        assert clone_file(database, copy)
        assert is_locked(database)
    unix.sync()
    assert copy.read_bytes() == database.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert free - shutil.disk_usage(cloning).free < database.stat().st_size / 2
    assert has_clones(cloning)


def test_backup_of_a_locked_database_is_a_clone(
    cloning: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "write_copy", None)
    data = make_data(cloning / "data", ["one", "two"])
    database = data.database("default")
    with lock_databases([database], LockWait(0)) as locks:
        made = make_backup(data, "default", "update", "1.0", locks[database])
        assert is_locked(database)
    assert names_in(data.backups / made.name) == ["one", "two"]
    assert [path.name for path in data.backups.iterdir()] == [made.name]


def is_locked(database: Path) -> bool:
    line = [sys.executable, "-I", "-c", IS_LOCKED, str(database)]
    return subprocess.run(line, check=False).returncode == 7


def test_without_clones_the_copy_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(clones, "make_clone", refuse)
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(b"content")
    copy.touch()
    assert not clone_file(source, copy)
    assert copy.read_bytes() == b""
    assert not has_clones(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"source", "copy"}


def test_what_cannot_be_read_is_not_cloned(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.touch()
    assert not clone_file(tmp_path / "missing", copy)
    assert copy.read_bytes() == b""
