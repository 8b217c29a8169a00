import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from djdesk_runtime.data import backups as module
from djdesk_runtime.data.backups import (
    delete_outdated,
    delete_partial,
    list_backups,
    make_backup,
)
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.retention import new_backup
from djdesk_runtime.data.sqlite_files import DamagedCopyError
from tests.unit.djdesk_runtime.data.made_databases import (
    damage,
    make_data,
    make_database,
    make_killed_database,
    names_in,
)


def files(data: DataFolder) -> set[str]:
    return {path.name for path in data.backups.iterdir()}


def test_backup_is_one_private_file(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one", "two"])
    backup = make_backup(data, "default", "update", "1.0")
    assert files(data) == {backup.name}
    assert names_in(data.backups / backup.name) == ["one", "two"]
    assert list_backups(data) == [backup]
    if os.name == "posix":
        assert stat.S_IMODE(data.backups.stat().st_mode) == 0o700
        assert stat.S_IMODE((data.backups / backup.name).stat().st_mode) == 0o600


def test_commits_in_the_log_are_in_the_backup(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    make_killed_database(data.database("default"), ["one"])
    backup = make_backup(data, "default", "update", "1.0")
    assert names_in(data.backups / backup.name) == ["one"]


def test_backup_while_others_write(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    with closing(sqlite3.connect(data.database("default"))) as other:
        other.execute("INSERT INTO things VALUES ('not yet')")
        backup = make_backup(data, "default", "manual", "1.0")
        other.commit()
    assert names_in(data.backups / backup.name) == ["one"]


def test_backups_of_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    made = [make_backup(data, "default", "manual", "1.0") for _ in range(4)]
    assert len({backup.name for backup in made}) == 4
    assert list_backups(data) == made


def test_name_that_is_being_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls(2026, 11, 23, 12, tzinfo=tz)

    monkeypatch.setattr(module, "datetime", Clock)
    data = make_data(tmp_path, ["one"])
    data.backups.mkdir()
    other = data.backups / (new_backup("default", noon, "manual", "1.0").name + ".partial")
    other.write_bytes(b"half")
    backup = make_backup(data, "default", "manual", "1.0")
    assert backup.moment == noon + timedelta(seconds=1)
    assert other.read_bytes() == b"half"


def test_damaged_database_makes_no_backup(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["x" * 100] * 1000)
    damage(data.database("default"))
    with pytest.raises((DamagedCopyError, sqlite3.DatabaseError)):
        make_backup(data, "default", "update", "1.0")
    assert not data.backups.exists()


def test_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    data = make_data(tmp_path, ["one"])
    monkeypatch.setattr(module, "move", full)
    with pytest.raises(OSError, match="No space left"):
        make_backup(data, "default", "update", "1.0")
    assert not data.backups.exists()


def test_only_what_was_interrupted_is_deleted(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    delete_partial(data)
    backup = make_backup(data, "default", "update", "1.0")
    partial = backup.name.replace("1.0", "2.0") + ".partial"
    kept = {backup.name, "my.partial", "default-20261123T120000Z-update-1.0.sqlite3.damaged"}
    for name in (partial, partial + "-journal", partial + "-wal", *kept - {backup.name}):
        (data.backups / name).touch()
    (tmp_path / "updating.json.partial").touch()
    delete_partial(data)
    assert files(data) == kept
    assert {path.name for path in tmp_path.iterdir()} == {"db.sqlite3", "backups"}


def test_a_backup_that_may_be_under_way_is_left_alone(tmp_path: Path) -> None:
    """The command does not lock the data, and a server may start meanwhile."""
    data = make_data(tmp_path, ["one"])
    backup = make_backup(data, "default", "manual", "1.0")
    names = {backup.name.replace("1.0", "2.0") + ".partial" + end for end in ("", "-journal")}
    for name in names:
        (data.backups / name).touch()
    delete_partial(data)
    assert files(data) == {backup.name, *names}
    for name in names:
        os.utime(data.backups / name, (0, datetime.now(UTC).timestamp() - 90_000))
    delete_partial(data)
    assert files(data) == {backup.name}


def test_outdated_backups_go_and_nothing_else(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    data.backups.mkdir()
    old = datetime(2020, 1, 1, tzinfo=UTC)
    made = [new_backup("default", old + timedelta(days=day), "update", "1") for day in range(12)]
    for backup in made:
        (data.backups / backup.name).touch()
    (data.backups / "notes.txt").touch()
    delete_outdated(data, spared=made[0])
    assert files(data) == {backup.name for backup in (made[0], *made[2:])} | {"notes.txt"}


def test_databases_by_alias(tmp_path: Path) -> None:
    data = make_data(tmp_path)
    make_database(data.database("more"), [])
    assert data.databases() == {
        "default": tmp_path / "db.sqlite3",
        "more": tmp_path / "more.sqlite3",
    }
    assert DataFolder(tmp_path / "missing").databases() == {}


def test_every_alias_has_a_file_of_its_own(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    aliases = ["default", "db", "DB", "db_", "db__", "dbx", "more"]
    paths = [data.database(alias) for alias in aliases]
    assert paths[:2] == [tmp_path / "db.sqlite3", tmp_path / "db_.sqlite3"]
    assert "db.sqlite3" not in {path.name.casefold() for path in paths[1:]}
    assert len(set(paths)) == len(aliases)
    for path in paths:
        path.touch()
    assert data.databases() == dict(zip(aliases, paths, strict=True))
