import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from djdesk_runtime.data.database_lock import (
    DatabaseChangedError,
    DatabaseUnusableError,
    data_version,
    lock_databases,
)
from djdesk_runtime.data.failures import Cause, find_cause
from djdesk_runtime.data.sqlite_files import beside, is_absent, open_existing, write_copy
from djdesk_runtime.data.waiting import LockWait, WaitCancelledError
from tests.unit.djdesk_runtime.data.made_databases import (
    contents,
    make_database,
    make_killed_database,
    names_in,
)

NO_WAIT = LockWait(0.0)
LONG = LockWait(60.0)
WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, autocommit=True)
connection.execute(sys.argv[2])
"""
INSERT = "INSERT INTO things VALUES ('other')"


def write_in_another_process(database: Path, statement: str = INSERT) -> str:
    """Execute the statement without waiting; return the error that it ended with, if any."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(database), statement],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return done.stderr.splitlines()[-1] if done.returncode else ""


def make(folder: Path, mode: str, *names: str) -> Path:
    database = make_database(folder / f"{mode}.sqlite3", names)
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
    return database


def make_copy(database: Path, *names: str) -> Path:
    """Make a copy of the database, with these names added."""
    copy = database.with_name("copy")
    with open_existing(database) as source:
        write_copy(source, copy)
    with closing(sqlite3.connect(copy, autocommit=True)) as connection:
        connection.executemany("INSERT INTO things VALUES (?)", [(name,) for name in names])
    return copy


@contextmanager
def held(database: Path, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(database, autocommit=True, check_same_thread=False)
    with closing(connection):
        connection.execute(begin)
        yield connection


@pytest.mark.parametrize("mode", ["wal", "delete", "truncate", "persist"])
def test_nobody_else_writes(tmp_path: Path, mode: str) -> None:
    database = make(tmp_path, mode, "one")
    with lock_databases([database], NO_WAIT) as locks:
        assert "locked" in write_in_another_process(database)
        with locks[database].reader() as reader:
            assert reader.execute("SELECT name FROM things").fetchall() == [("one",)]
        assert "locked" in write_in_another_process(database), "after the reading as well"
    assert write_in_another_process(database) == ""
    assert names_in(database) == ["one", "other"]


@pytest.mark.parametrize("mode", ["wal", "delete", "truncate", "persist"])
def test_replaced_database_is_the_same_file_with_the_same_journal(
    tmp_path: Path, mode: str
) -> None:
    database = make(tmp_path, mode, "one", *(["x" * 5000] * 50))
    number = database.stat().st_ino
    copy = make_copy(database, "two")
    with lock_databases([database], NO_WAIT) as locks, open_existing(copy) as source:
        locks[database].replace(source)
        assert write_in_another_process(database) == "", "the lock ends with it"
    assert names_in(database)[-2:] == ["two", "other"]
    assert database.stat().st_ino == number
    with closing(sqlite3.connect(database)) as connection:
        expected = "wal" if mode == "wal" else "delete"
        assert connection.execute("PRAGMA journal_mode").fetchone() == (expected,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {path.name for path in tmp_path.iterdir()} == {database.name, "copy"}


def test_new_database_is_locked_too_and_stays_empty(tmp_path: Path) -> None:
    database = tmp_path / "new.sqlite3"
    with lock_databases([database], NO_WAIT):
        assert "locked" in write_in_another_process(database, "CREATE TABLE things (name)")
    assert is_absent(database)
    copy = make_copy(make(tmp_path, "wal", "one"))
    with lock_databases([database], NO_WAIT) as locks, open_existing(copy) as source:
        locks[database].replace(source)
    assert names_in(database) == ["one"]


def test_what_is_committed_after_the_lock_is_not_overwritten(tmp_path: Path) -> None:
    """With a write-ahead log there is a moment between the lock and the replacement."""
    database = make(tmp_path, "wal", "one")
    copy = make_copy(database, "two")
    with lock_databases([database], NO_WAIT) as locks, open_existing(copy) as source:
        lock = locks[database]
        lock._guard.execute("ROLLBACK")
        assert write_in_another_process(database) == ""
        lock._guard.execute("BEGIN")
        with pytest.raises(DatabaseChangedError):
            lock.replace(source)
    assert names_in(database) == ["one", "other"]


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_lock_of_another_is_waited_for_and_then_given_up(tmp_path: Path, mode: str) -> None:
    database = make(tmp_path, mode, "one")
    before = contents(tmp_path)
    new = tmp_path / "new.sqlite3"
    with (
        held(database),
        pytest.raises(DatabaseUnusableError) as caught,
        lock_databases([new, database], LockWait(0.2)),
    ):
        pass
    assert caught.value.path == database
    assert find_cause(caught.value)[0] is Cause.BUSY
    assert not new.exists()
    assert contents(tmp_path) == before
    with held(database) as other:
        end = threading.Timer(0.2, other.execute, ["COMMIT"])
        end.start()
        with lock_databases([database], LONG):
            assert "locked" in write_in_another_process(database)
        end.join(60)


def test_all_are_released_when_one_is_not_to_be_had(tmp_path: Path) -> None:
    one, other = make(tmp_path, "wal", "one"), make(tmp_path, "delete", "one")
    with (
        held(other),
        pytest.raises(DatabaseUnusableError),
        lock_databases([one, other], LockWait(0.1)),
    ):
        pass
    assert write_in_another_process(one) == ""


def test_waiting_can_be_cancelled(tmp_path: Path) -> None:
    database = make(tmp_path, "wal", "one")
    asked = [False, False, True]
    with (
        held(database),
        pytest.raises(WaitCancelledError),
        lock_databases([database], LockWait(60.0, lambda: asked.pop(0))),
    ):
        pass


def test_readers_with_a_write_ahead_log_are_in_nobody_s_way(tmp_path: Path) -> None:
    database = make(tmp_path, "wal", "one")
    copy = make_copy(database, "two")
    with held(database, "BEGIN") as reader:
        assert reader.execute("SELECT count(*) FROM things").fetchone() == (1,)
        with lock_databases([database], NO_WAIT) as locks, open_existing(copy) as source:
            locks[database].replace(source)
        assert reader.execute("SELECT count(*) FROM things").fetchone() == (1,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM things").fetchone() == (2,)


def test_damaged_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    database = make(tmp_path, "wal", "one")
    database.write_bytes(b"no database at all" * 1000)
    with pytest.raises(DatabaseUnusableError) as caught, lock_databases([database], LONG):
        pass
    assert find_cause(caught.value)[0] is Cause.DAMAGED


def test_log_without_its_database_is_left_alone(tmp_path: Path) -> None:
    database = make_killed_database(tmp_path / "db.sqlite3", ["one"])
    database.unlink()
    before = contents(tmp_path)
    assert beside(database, "-wal").name in before
    with pytest.raises(DatabaseUnusableError) as caught, lock_databases([database], LONG):
        pass
    assert find_cause(caught.value)[0] is Cause.MISSING
    assert contents(tmp_path) == before


def test_nothing_at_all_does_not_replace_anything(tmp_path: Path) -> None:
    database = make(tmp_path, "wal", "one")
    empty = tmp_path / "empty"
    with closing(sqlite3.connect(empty, autocommit=True)) as connection:
        connection.execute("PRAGMA user_version=1")
    with (
        lock_databases([database], NO_WAIT) as locks,
        open_existing(empty) as source,
        pytest.raises(ValueError, match="nothing in it"),
    ):
        locks[database].replace(source)
    assert names_in(database) == ["one"]


def test_data_version_is_about_others(tmp_path: Path) -> None:
    database = make(tmp_path, "wal", "one")
    with open_existing(database) as connection:
        before = data_version(connection)
        connection.execute(INSERT)
        assert data_version(connection) == before
        assert write_in_another_process(database) == ""
        assert data_version(connection) != before
