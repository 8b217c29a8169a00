import contextlib
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from djdesk_runtime.data import recovery
from djdesk_runtime.data.backups import list_backups, make_backup
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.marker import Change, read_marker, write_marker
from djdesk_runtime.data.recovery import recover_data
from djdesk_runtime.data.retention import NEWEST_KEPT
from djdesk_runtime.data.sqlite_files import DatabaseBusyError, problem_of
from djdesk_runtime.errors import DatabaseUpdateError
from tests.unit.djdesk_runtime.data.made_databases import (
    add,
    damage,
    make_data,
    make_database,
    make_killed_database,
    names_in,
)

P = ParamSpec("P")
R = TypeVar("R")


def interrupted(root: Path) -> DataFolder:
    """Make the data folder of an update of three databases that did not get to its end.

    The first two were there before, the third is new.
    """
    data = make_data(root, ["one"])
    make_database(data.database("more"), ["two"])
    changes = []
    for alias in ("default", "more"):
        name = make_backup(data, alias, "update", "1.0").name
        changes.append(Change(alias, data.database(alias).name, name))
    write_marker(data, [*changes, Change("new", "new.sqlite3", None)])
    add(data.database("default"), ["half"])
    data.database("more").unlink()
    make_killed_database(data.database("more"), ["half " + "x" * 5000] * 40)
    make_killed_database(data.database("new"), ["half"])
    return data


def told(data: DataFolder) -> list[str]:
    messages: list[str] = []
    recover_data(data, messages.append)
    return messages


def is_as_before(data: DataFolder) -> bool:
    return (
        names_in(data.database("default")) == ["one"]
        and names_in(data.database("more")) == ["two"]
        and data.databases().keys() == {"default", "more"}
        and not data.update_marker.exists()
    )


def test_nothing_to_do(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    assert told(data) == []
    assert names_in(data.database("default")) == ["one"]


def test_everything_is_as_before(tmp_path: Path) -> None:
    data = interrupted(tmp_path)
    partial = data.backups / "default-20261123T120000Z-update-1.0.sqlite3.partial"
    partial.touch()
    assert told(data) == ["Restoring your data…"]
    assert is_as_before(data)
    assert len(list(data.backups.iterdir())) == 2, "the backups stay, what was partial goes"
    assert told(data) == []


def test_update_that_is_killed_at_every_start_keeps_only_so_many_backups(tmp_path: Path) -> None:
    data = interrupted(tmp_path)
    for _ in range(NEWEST_KEPT + 5):
        make_backup(data, "default", "manual", "1.0")
    told(data)
    assert is_as_before(data)
    kept = [backup for backup in list_backups(data) if backup.alias == "default"]
    assert len(kept) <= NEWEST_KEPT + 1, "the newest of two days, around midnight"


def refuse(error: BaseException) -> Callable[..., Any]:
    def raise_it(*_: object, **__: object) -> None:
        raise error

    return raise_it


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database or disk is full"),
        OSError(28, "No space left on device"),
        sqlite3.DatabaseError("file is not a database"),
    ],
)
def test_backup_takes_the_place_where_it_cannot_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    data = interrupted(tmp_path)
    monkeypatch.setattr(recovery, "overwrite", refuse(error))
    told(data)
    assert is_as_before(data)
    assert not list(data.backups.iterdir())


class PowerCutError(BaseException):
    pass


@pytest.mark.parametrize("full", [False, True])
def test_power_cut_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    """Every change of the disk is in turn the last one that happens."""
    made = interrupted(tmp_path / "made").root
    left = 0

    def counted(real: Callable[P, R]) -> Callable[P, R]:
        def step(*given: P.args, **named: P.kwargs) -> R:
            nonlocal left
            if left == 0:
                raise PowerCutError
            left -= 1
            return real(*given, **named)

        return step

    if full:
        disk_is_full = sqlite3.OperationalError("database or disk is full")
        monkeypatch.setattr(recovery, "overwrite", refuse(disk_is_full))
    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    monkeypatch.setattr(recovery, "overwrite", counted(vars(recovery)["overwrite"]))
    for steps in itertools.count():
        data = DataFolder(tmp_path / str(steps))
        shutil.copytree(made, data.root)
        left = steps
        cut = contextlib.suppress(PowerCutError)
        with cut:
            told(data)
        complete = left > 0
        left = 1000
        told(data)
        assert is_as_before(data), steps
        if complete:
            break
    assert steps > 10


def test_missing_backup_is_named_and_the_marker_stays(tmp_path: Path) -> None:
    data = interrupted(tmp_path)
    missing = data.backups / str(read_marker(data)[1].backup)
    missing.unlink()
    for _ in range(2):
        with pytest.raises(DatabaseUpdateError, match="missing") as caught:
            told(data)
        assert str(missing) in caught.value.why
        assert len(read_marker(data)) == 3


def test_damaged_backup_does_not_replace_anything(tmp_path: Path) -> None:
    data = interrupted(tmp_path)
    backup = data.backups / str(read_marker(data)[0].backup)
    damage(backup)
    assert problem_of(backup)
    with pytest.raises(DatabaseUpdateError, match="could not be restored"):
        told(data)
    assert names_in(data.database("default")) == ["one", "half"]


def test_database_that_others_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = interrupted(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(recovery, "overwrite", refuse(DatabaseBusyError()))
        with pytest.raises(DatabaseUpdateError, match="another program"):
            told(data)
    assert read_marker(data)
    told(data)
    assert is_as_before(data)


def test_damaged_marker_is_not_guessed_about(tmp_path: Path) -> None:
    data = interrupted(tmp_path)
    data.update_marker.write_text("{")
    with pytest.raises(DatabaseUpdateError, match="cannot be understood") as caught:
        told(data)
    assert "restore" in caught.value.next_step
    assert names_in(data.database("default")) == ["one", "half"]


def test_full_disk_without_room_for_the_marker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = interrupted(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(recovery, "overwrite", refuse(sqlite3.OperationalError("disk is full")))
        patch.setattr(recovery, "write_marker", refuse(OSError(28, "No space left on device")))
        with pytest.raises(DatabaseUpdateError, match="No space left") as caught:
            told(data)
    assert str(data.backups) in caught.value.next_step
    told(data)
    assert is_as_before(data)
