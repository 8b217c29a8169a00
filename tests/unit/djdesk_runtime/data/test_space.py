import errno
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from djdesk_runtime.data.space import is_disk_full, needed_bytes, require_space
from djdesk_runtime.errors import DatabaseUpdateError


class Usage:
    def __init__(self, total: int, free: int) -> None:
        self.total, self.free = total, free


@pytest.mark.parametrize(
    ("total", "free", "enough"),
    [
        (10**12, needed_bytes(10**6), True),
        (10**12, needed_bytes(10**6) - 1, False),
        (10**12, 0, False),
        (0, 0, True),  # the system does not know
    ],
)
def test_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, total: int, free: int, enough: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(total, free))
    if enough:
        require_space(tmp_path, 10**6)
        return
    with pytest.raises(DatabaseUpdateError, match="not changed") as caught:
        require_space(tmp_path, 10**6)
    assert f"{free / 10**6:.1f} MB" in caught.value.why
    assert str(tmp_path) in caught.value.why


def test_more_data_needs_more_room() -> None:
    assert needed_bytes(0) > 0
    assert needed_bytes(10**9) - needed_bytes(0) >= 2 * 10**9


def test_system_that_does_not_say(tmp_path: Path) -> None:
    require_space(tmp_path / "missing", 10**18)


def full_database() -> sqlite3.Error:
    """Return what SQLite raises when it may not grow."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA max_page_count=2")
        connection.execute("CREATE TABLE things (name)")
        try:
            connection.execute("INSERT INTO things VALUES (zeroblob(100000))")
        except sqlite3.Error as error:
            return error
    raise AssertionError


def wrapped(cause: BaseException) -> Exception:
    error = RuntimeError("a migration failed")
    error.__cause__ = cause
    return error


def test_full_disk_is_recognised() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    other = OSError(errno.EACCES, "Permission denied")
    assert is_disk_full(full)
    assert is_disk_full(OSError(errno.EDQUOT, "Disk quota exceeded"))
    assert is_disk_full(full_database())
    assert is_disk_full(wrapped(full_database()))
    assert not is_disk_full(other)
    assert not is_disk_full(wrapped(sqlite3.OperationalError("database is locked")))
    other.__context__ = full
    full.__context__ = other
    assert is_disk_full(other)
