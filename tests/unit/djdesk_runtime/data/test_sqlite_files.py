import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from djdesk_runtime.data import sqlite_files
from djdesk_runtime.data.sqlite_files import (
    DatabaseBusyError,
    beside,
    content_bytes,
    delete_database,
    is_absent,
    overwrite,
    problem_of,
    read_untouched,
    write_back,
    write_copy,
)
from tests.unit.djdesk_runtime.data.made_databases import (
    add,
    contents,
    damage,
    make_database,
    make_database_to_roll_back,
    make_killed_database,
    names_in,
)

NAMES = ["one", "two"]


@pytest.mark.parametrize("make", [make_database, make_killed_database])
def test_reading_changes_nothing(
    tmp_path: Path, make: Callable[[Path, Iterable[str]], Path]
) -> None:
    database = make(tmp_path / "a b#c?d%ü.sqlite3", NAMES)
    before = contents(tmp_path)
    with read_untouched(database) as connection:
        rows = connection.execute("SELECT name FROM things").fetchall()
    assert [row[0] for row in rows] == NAMES
    assert problem_of(database) is None
    assert contents(tmp_path) == before


def test_reading_rolls_back_what_was_killed(tmp_path: Path) -> None:
    database = make_database_to_roll_back(tmp_path / "db.sqlite3", NAMES)
    with read_untouched(database) as connection:
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (2,)


def test_missing_database_is_not_made(tmp_path: Path) -> None:
    assert "unable to open" in str(problem_of(tmp_path / "missing"))
    with pytest.raises(sqlite3.OperationalError):
        write_copy(tmp_path / "missing", tmp_path / "copy")
    assert not (tmp_path / "missing").exists()


def test_problems(tmp_path: Path) -> None:
    database = make_database(tmp_path / "db.sqlite3", ["x" * 100] * 1000)
    damage(database)
    assert problem_of(database)
    (tmp_path / "text").write_text("not a database, but long enough to be one" * 50)
    assert problem_of(tmp_path / "text") == "file is not a database"


def test_absent(tmp_path: Path) -> None:
    database = tmp_path / "db.sqlite3"
    assert is_absent(database)
    database.touch()
    assert is_absent(database)
    assert content_bytes(database) == 0
    make_killed_database(database, NAMES)
    assert not is_absent(database)
    assert content_bytes(database) > database.stat().st_size
    beside(database, "-wal").rename(tmp_path / "new.sqlite3-wal")
    assert not is_absent(tmp_path / "new.sqlite3")


def test_copy_holds_what_is_committed_in_one_file(tmp_path: Path) -> None:
    database = make_database(tmp_path / "db.sqlite3", ["one"])
    with closing(sqlite3.connect(database)) as other:
        other.execute("INSERT INTO things VALUES ('two')")
        other.commit()
        other.execute("INSERT INTO things VALUES ('not yet')")
        write_copy(database, tmp_path / "copy")
    assert names_in(tmp_path / "copy") == NAMES
    assert {path.name for path in tmp_path.iterdir()} == {"db.sqlite3", "copy"}


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_overwriting_keeps_the_file_and_its_mode(tmp_path: Path, mode: str) -> None:
    database = make_database(tmp_path / "db.sqlite3", NAMES)
    write_copy(database, tmp_path / "copy")
    add(database, ["x" * 5000] * 50)
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
    number = database.stat().st_ino
    overwrite(database, tmp_path / "copy")
    assert names_in(database) == NAMES
    assert database.stat().st_ino == number
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == (mode.lower(),)


def test_reader_meanwhile_sees_the_old_content_or_the_new(tmp_path: Path) -> None:
    database = make_database(tmp_path / "db.sqlite3", NAMES)
    write_copy(database, tmp_path / "copy")
    add(database, ["three"])
    with closing(sqlite3.connect(database, autocommit=True)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM things").fetchone() == (3,)
        overwrite(database, tmp_path / "copy")
        assert reader.execute("SELECT count(*) FROM things").fetchone() == (3,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM things").fetchone() == (2,)


def test_locked_database_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_files, "PATIENCE", 0.05)
    database = make_database(tmp_path / "db.sqlite3", NAMES)
    write_copy(database, tmp_path / "copy")
    with closing(sqlite3.connect(database, autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError):
            overwrite(database, tmp_path / "copy")
    assert names_in(database) == NAMES


def test_lock_that_ends_is_waited_for(tmp_path: Path) -> None:
    database = make_database(tmp_path / "db.sqlite3", NAMES)
    write_copy(database, tmp_path / "copy")
    add(database, ["three"])
    with closing(sqlite3.connect(database, autocommit=True, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.2, other.execute, ["COMMIT"])
        end.start()
        overwrite(database, tmp_path / "copy")
        end.join()
    assert names_in(database) == NAMES


def test_write_back_empties_the_log(tmp_path: Path) -> None:
    database = make_killed_database(tmp_path / "db.sqlite3", NAMES)
    write_back(database)
    assert names_in(database) == NAMES
    assert [path.name for path in tmp_path.iterdir()] == ["db.sqlite3"]


def test_deleting_takes_the_log_as_well(tmp_path: Path) -> None:
    database = make_killed_database(tmp_path / "db.sqlite3", NAMES)
    (tmp_path / "db.sqlite3-shm").touch()
    (tmp_path / "other").touch()
    delete_database(database)
    delete_database(database)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
