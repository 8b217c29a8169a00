import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest

from djdesk_runtime.data import progress, sqlite_files
from djdesk_runtime.data.progress import Progress, reporting
from djdesk_runtime.data.sqlite_files import (
    beside,
    checkpoint,
    content_bytes,
    is_absent,
    make_durable,
    open_existing,
    problem_of,
    read_untouched,
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
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        problem_of(tmp_path / "missing")
    with (
        pytest.raises(sqlite3.OperationalError),
        open_existing(tmp_path / "missing") as connection,
    ):
        connection.execute("CREATE TABLE t (x)")
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
    with closing(sqlite3.connect(database)) as other, open_existing(database) as source:
        other.execute("INSERT INTO things VALUES ('two')")
        other.commit()
        other.execute("INSERT INTO things VALUES ('not yet')")
        write_copy(source, tmp_path / "copy")
    assert names_in(tmp_path / "copy") == NAMES
    assert {path.name for path in tmp_path.iterdir()} == {"db.sqlite3", "copy"}


@pytest.mark.parametrize("make", [make_database, make_killed_database])
def test_durable_database_is_one_file(
    tmp_path: Path, make: Callable[[Path, Iterable[str]], Path]
) -> None:
    database = make(tmp_path / "db.sqlite3", NAMES)
    make_durable(database)
    assert names_in(database) == NAMES
    assert [path.name for path in tmp_path.iterdir()] == ["db.sqlite3"]


def test_checkpoint_waits_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = make_killed_database(tmp_path / "db.sqlite3", NAMES)
    connect = Mock(wraps=sqlite3.connect)
    with closing(sqlite3.connect(database, autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(sqlite3, "connect", connect)
        checkpoint(database)
        monkeypatch.undo()
    assert [call.kwargs["timeout"] for call in connect.call_args_list] == [0.0]
    assert names_in(database) == NAMES


PROJECT_S_OWN = {
    "a function in an index": "CREATE INDEX i ON t (own(x))",
    "a function in a constraint": "CREATE TABLE u (x CHECK (own(x)))",
    "a function in a column": "CREATE TABLE u (x, y AS (own(x)) STORED)",
    "an order of its own": "CREATE TABLE u (x COLLATE own UNIQUE)",
}


@pytest.mark.parametrize("case", PROJECT_S_OWN)
def test_what_only_the_project_can_compute_is_not_damage(tmp_path: Path, case: str) -> None:
    database = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.create_function("own", 1, lambda _value: 1, deterministic=True)
        connection.create_collation("own", lambda one, other: (one > other) - (one < other))
        connection.execute("CREATE TABLE t (x)")
        connection.execute(PROJECT_S_OWN[case])
        connection.execute("INSERT INTO t VALUES ('a'), ('b')")
        if "TABLE u" in PROJECT_S_OWN[case]:
            connection.execute("INSERT INTO u (x) VALUES ('a'), ('b')")
    assert problem_of(database) is None


def test_row_against_a_constraint_is_not_damage(tmp_path: Path) -> None:
    database = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.execute("CREATE TABLE t (x CHECK (x > 0))")
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("INSERT INTO t VALUES (-1)")
    assert problem_of(database) is None


def test_locked_database_is_not_damaged(tmp_path: Path) -> None:
    database = make_database_to_roll_back(tmp_path / "db.sqlite3", NAMES)
    with closing(sqlite3.connect(database, autocommit=True)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("INSERT INTO things VALUES ('not yet')")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            problem_of(database)


def test_copying_in_steps_reports_bytes_and_holds_one_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "STEP_PAGES", 4)
    monkeypatch.setattr(progress, "INTERVAL", 0)
    monkeypatch.setattr(sqlite_files, "SYNC_BYTES", 8192)
    database = make_database(tmp_path / "db.sqlite3", ["x" * 1000] * 200)
    told: list[tuple[int, int]] = []

    def listen(step: Progress) -> None:
        # Somebody commits between two steps: the copy neither begins again nor has half of it.
        add(database, ["later"])
        told.append((step.done, step.total))

    copy = tmp_path / "copy"
    copy.touch()
    with reporting(listen), open_existing(database) as source:
        write_copy(source, copy)
    assert names_in(copy) == ["x" * 1000] * 200
    assert len(told) > 10
    assert told == sorted(told)
    assert len({total for _, total in told}) == 1
    assert told[-1][0] == told[-1][1] == copy.stat().st_size
