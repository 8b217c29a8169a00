"""Every error at work with data has words of its own, and advice that is about it."""

import errno
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from djdesk_runtime.data.failures import (
    HINTS,
    Cause,
    cause_of,
    explain,
    find_cause,
    is_damage,
)
from tests.unit.djdesk_runtime.data.made_databases import damage, make_database

CODES = sorted(name for name in vars(sqlite3) if name.startswith("SQLITE_"))
DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def with_code(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorcode = code
    return error


def test_only_what_sqlite_calls_corruption_is_damage() -> None:
    found = set()
    for name in CODES:
        code = getattr(sqlite3, name)
        # Others are limits, authorizer's answers, and so on, which no error has as its code.
        if isinstance(code, int) and cause_of(with_code(code)) is Cause.DAMAGED:
            found.add(name)
    wanted = {name for name in CODES if getattr(sqlite3, name) & 0xFF in {11, 26}}
    assert found == wanted
    assert set(DAMAGE) < found
    for number in errno.errorcode:
        assert cause_of(OSError(number, "said by the system")) is not Cause.DAMAGED


EXPECTED = {
    "SQLITE_BUSY": Cause.BUSY,
    "SQLITE_BUSY_SNAPSHOT": Cause.BUSY,
    "SQLITE_LOCKED_SHAREDCACHE": Cause.BUSY,
    "SQLITE_READONLY": Cause.READ_ONLY,
    "SQLITE_READONLY_DBMOVED": Cause.MOVED,
    "SQLITE_PERM": Cause.NOT_ALLOWED,
    "SQLITE_CANTOPEN": Cause.CANNOT_OPEN,
    "SQLITE_CANTOPEN_ISDIR": Cause.NOT_A_FILE,
    "SQLITE_FULL": Cause.DISK_FULL,
    "SQLITE_IOERR": Cause.DEVICE,
    "SQLITE_IOERR_READ": Cause.DEVICE,
    "SQLITE_IOERR_FSYNC": Cause.DEVICE,
    "SQLITE_IOERR_LOCK": Cause.NO_LOCKS,
    "SQLITE_IOERR_NOMEM": Cause.MEMORY,
    "SQLITE_NOLFS": Cause.TOO_LARGE,
    "SQLITE_TOOBIG": Cause.TOO_LARGE,
    "SQLITE_NOMEM": Cause.MEMORY,
    "SQLITE_CONSTRAINT": Cause.OTHER,
    "SQLITE_ERROR": Cause.OTHER,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_code_of_sqlite_has_a_cause(name: str) -> None:
    assert cause_of(with_code(getattr(sqlite3, name))) is EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("EACCES", Cause.NOT_ALLOWED),
        ("EPERM", Cause.NOT_ALLOWED),
        ("EROFS", Cause.READ_ONLY_DISK),
        ("EIO", Cause.DEVICE),
        ("ENOSPC", Cause.DISK_FULL),
        ("EDQUOT", Cause.QUOTA),
        ("EFBIG", Cause.TOO_LARGE),
        ("ENAMETOOLONG", Cause.NAME_TOO_LONG),
        ("EMFILE", Cause.TOO_MANY_FILES),
        ("EISDIR", Cause.NOT_A_FILE),
        ("ENOTDIR", Cause.NOT_A_FILE),
        ("ENOENT", Cause.MISSING),
        ("ENOLCK", Cause.NO_LOCKS),
        ("EPIPE", Cause.OTHER),
    ],
)
def test_codes_of_the_system_have_their_causes(name: str, cause: Cause) -> None:
    assert cause_of(OSError(getattr(errno, name), "said by the system")) is cause


def test_every_cause_has_a_hint_of_its_own() -> None:
    assert HINTS.keys() == set(Cause)
    alike = {Cause.MEMORY, Cause.TOO_MANY_FILES}
    hints = [hint for cause, hint in HINTS.items() if cause not in alike]
    assert len(set(hints)) == len(hints)


def test_only_damage_is_answered_with_a_copy() -> None:
    for cause, hint in HINTS.items():
        assert ("good copy" in hint) == (cause is Cause.DAMAGED)


def test_what_led_to_an_error_counts_and_what_was_handled_before_it_does_not() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    wrapped = RuntimeError("a migration failed")
    wrapped.__cause__ = full
    assert find_cause(wrapped) == (Cause.DISK_FULL, full)
    hidden = RuntimeError("another")
    hidden.__context__, hidden.__suppress_context__ = full, True
    assert find_cause(hidden)[0] is Cause.OTHER
    hidden.__cause__ = hidden
    assert find_cause(hidden)[0] is Cause.OTHER


def real_error(act: Callable[[], object]) -> BaseException:
    with pytest.raises((sqlite3.Error, OSError)) as caught:
        act()
    return caught.value


def open_and_write(path: Path, options: str = "mode=rw") -> None:
    with closing(sqlite3.connect(f"{path.as_uri()}?{options}", uri=True, timeout=0)) as connection:
        connection.execute("CREATE TABLE more (x)")


def test_a_locked_database_is_busy(tmp_path: Path) -> None:
    path = make_database(tmp_path / "db.sqlite3", [])
    with closing(sqlite3.connect(path, autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert explain(real_error(lambda: open_and_write(path)), path).cause is Cause.BUSY


def test_damaged_databases(tmp_path: Path) -> None:
    path = make_database(tmp_path / "db.sqlite3", ["x" * 100] * 1000)
    damage(path)
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT name FROM things"
        assert is_damage(real_error(lambda: connection.execute(query).fetchall()))
    path.write_bytes(b"no database at all" * 1000)
    assert is_damage(real_error(lambda: open_and_write(path)))


def test_folder_in_the_place_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    path.mkdir()
    failure = explain(real_error(lambda: open_and_write(path)), path)
    assert failure.cause is Cause.NOT_A_FILE
    assert str(path) in failure.hint


def test_database_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    assert explain(real_error(lambda: open_and_write(path)), path).cause is Cause.MISSING


def test_database_that_is_opened_for_reading(tmp_path: Path) -> None:
    path = make_database(tmp_path / "db.sqlite3", [])
    error = real_error(lambda: open_and_write(path, "mode=ro"))
    assert explain(error, path).cause is Cause.READ_ONLY


def test_a_database_that_may_not_grow_is_a_full_disk(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as connection:
        connection.execute("PRAGMA max_page_count=2")
        connection.execute("CREATE TABLE things (name)")
        statement = "INSERT INTO things VALUES (zeroblob(100000))"
        error = real_error(lambda: connection.execute(statement))
    assert find_cause(error)[0] is Cause.DISK_FULL


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_database_without_the_right_to_write(tmp_path: Path) -> None:
    path = make_database(tmp_path / "db.sqlite3", [])
    path.chmod(0o400)
    failure = explain(real_error(lambda: open_and_write(path)), path)
    assert failure.cause in {Cause.READ_ONLY, Cause.NOT_ALLOWED}


def test_file_that_the_error_names_is_the_one_that_is_meant(tmp_path: Path) -> None:
    error = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "other"))
    failure = explain(error, tmp_path / "db.sqlite3")
    assert str(tmp_path / "other") in failure.hint
    assert str(tmp_path / "db.sqlite3") not in failure.hint
