import json
import sqlite3
from contextlib import closing
from pathlib import Path

from djdesk_runtime.checking.trial import TABLE
from tests.unit.djdesk_runtime.made_bundle import run


def tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as database:
        return {row[0] for row in database.execute("SELECT name FROM sqlite_master")}


def test_writes_and_leaves_nothing(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "try-writing", "--data-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"databases": [{"alias": "default", "file": "db.sqlite3"}]}
    assert TABLE not in tables(tmp_path / "db.sqlite3")


def test_what_a_killed_trial_left_is_removed(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"CREATE TABLE {TABLE} (other integer)")
        database.execute("CREATE TABLE notes (text)")
        database.commit()
    done = run(bundle, "try-writing", "--data-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert tables(file) == {"notes"}


def test_a_database_that_is_none_is_named(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"
    file.write_bytes(b"no database" * 100)
    done = run(bundle, "try-writing", "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert f"The database {file} cannot be written." in done.stderr
    assert "the database is damaged" in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == b"no database" * 100
