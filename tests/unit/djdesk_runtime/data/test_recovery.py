import contextlib
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from djdesk_runtime.data.backups import list_backups, make_backup
from djdesk_runtime.data.database_lock import DatabaseLock, lock_databases
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.marker import Change, read_marker, write_marker
from djdesk_runtime.data.recovery import recover_data
from djdesk_runtime.data.retention import NEWEST_KEPT
from djdesk_runtime.data.sqlite_files import open_existing
from djdesk_runtime.data.waiting import LockWait
from djdesk_runtime.errors import DatabaseUpdateError
from tests.unit.djdesk_runtime.data.made_databases import (
    BUNDLE,
    add,
    damage,
    make_data,
    make_database,
    names_in,
)

P = ParamSpec("P")
R = TypeVar("R")
COMPLETING = ["Completing the update of your data…"]


def interrupted(root: Path, replaced: int, *, noted: bool = True) -> DataFolder:
    """Make the data folder of an update that was killed when so many databases were replaced.

    There are three. The first two were there before, the third is new. *noted*: the marker says
    of all but the last that they were.
    """
    data = make_data(root, ["one"])
    make_database(data.database("more"), ["two"])
    data.working_copies.mkdir()
    changes = []
    for alias in ("default", "more"):
        name = make_backup(data, alias, "update", "1.0").name
        changes.append(Change(alias, data.database(alias).name, name))
        copy = Path(shutil.copy(data.backups / name, data.working_copies / changes[-1].file))
        add(copy, [f"updated {alias}"])
    make_database(data.working_copies / "new.sqlite3", ["new"])
    changes.append(Change("new", "new.sqlite3", None))
    data.database("new").touch()
    done = [replace(change, done=True) for change in changes[: max(0, replaced - 1)]]
    done = done if noted else []
    write_marker(data, [*done, *changes[len(done) :]])
    for change in changes[:replaced]:
        path = data.root / change.file
        with (
            lock_databases([path], LockWait(0.0)) as locks,
            open_existing(data.working_copies / change.file) as source,
        ):
            locks[path].replace(source)
    return data


def told(data: DataFolder) -> list[str]:
    messages: list[str] = []
    recover_data(BUNDLE, data, messages.append)
    return messages


def names(data: DataFolder) -> dict[str, list[str]]:
    present = {alias: path for alias, path in data.databases().items() if path.stat().st_size}
    return {alias: names_in(path) for alias, path in present.items()}


BEFORE = {"default": ["one"], "more": ["two"]}
AFTER = {
    "default": ["one", "updated default"],
    "more": ["two", "updated more"],
    "new": ["new"],
}


def is_over(data: DataFolder) -> bool:
    return not data.update_marker.exists() and not data.working_copies.exists()


def test_nothing_to_do(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    assert told(data) == []
    assert names_in(data.database("default")) == ["one"]


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("replaced", [0, 1, 2, 3])
def test_all_databases_are_of_one_version(tmp_path: Path, replaced: int, noted: bool) -> None:
    data = interrupted(tmp_path, replaced, noted=noted)
    partial = data.backups / "default-20261123T120000Z-update-1.0.sqlite3.partial"
    partial.touch()
    assert told(data) == COMPLETING
    assert names(data) == (AFTER if replaced else BEFORE)
    assert is_over(data)
    assert len(list(data.backups.iterdir())) == 2, "the backups stay, what was partial goes"
    assert told(data) == []


@pytest.mark.parametrize("alias", ["default", "more", "new"])
@pytest.mark.parametrize("replaced", [0, 1, 2, 3])
def test_what_others_commit_before_the_next_start_is_there_or_in_a_copy_that_is_named(
    tmp_path: Path, replaced: int, alias: str
) -> None:
    data = interrupted(tmp_path, replaced)
    database = data.database(alias)
    if database.stat().st_size:
        add(database, ["of another program"])
    else:
        make_database(database, ["of another program"])
    message = ""
    try:
        told(data)
    except DatabaseUpdateError as error:
        message = str(error)
    found = set(names_in(database))
    for backup in list_backups(data):
        if backup.alias == alias and str(data.backups / backup.name) in message:
            found |= set(names_in(data.backups / backup.name))
    assert "of another program" in found
    position = list(AFTER).index(alias)
    if position < replaced - 1:
        assert not message, "it is in the database"
    assert is_over(data)
    assert told(data) == []


def test_databases_that_others_lock_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("djdesk_runtime.data.recovery.DATABASE_SECONDS", 0.1)
    data = interrupted(tmp_path, 1)
    before = names(data)
    with closing(sqlite3.connect(data.database("more"), autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUpdateError, match="another program"):
            told(data)
    assert names(data) == before
    assert len(read_marker(data)) == 3
    told(data)
    assert names(data) == AFTER


def test_update_that_is_killed_at_every_start_keeps_only_so_many_backups(tmp_path: Path) -> None:
    data = interrupted(tmp_path, 1)
    for _ in range(NEWEST_KEPT + 5):
        make_backup(data, "default", "manual", "1.0")
    told(data)
    kept = [backup for backup in list_backups(data) if backup.alias == "default"]
    assert len(kept) <= NEWEST_KEPT + 1, "the newest of two days, around midnight"


class PowerCutError(BaseException):
    pass


@pytest.mark.parametrize("replaced", [0, 1])
def test_power_cut_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: int
) -> None:
    """Every change of the disk is in turn the last one that happens."""
    made = interrupted(tmp_path / "made", replaced).root
    left = 0

    def counted(real: Callable[P, R]) -> Callable[P, R]:
        def step(*given: P.args, **named: P.kwargs) -> R:
            nonlocal left
            if left == 0:
                raise PowerCutError
            left -= 1
            return real(*given, **named)

        return step

    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    monkeypatch.setattr(DatabaseLock, "replace", counted(DatabaseLock.replace))
    for steps in itertools.count():
        data = DataFolder(tmp_path / str(steps))
        shutil.copytree(made, data.root)
        left = steps
        with contextlib.suppress(PowerCutError):
            told(data)
        complete = left > 0
        left = 1000
        told(data)
        assert names(data) == (AFTER if replaced else BEFORE), steps
        assert is_over(data)
        if complete:
            break
    assert steps > 3


def remove(copy: Path) -> None:
    copy.unlink()


@pytest.mark.parametrize("spoil", [remove, damage])
def test_working_copy_that_cannot_be_used_is_named_and_replaces_nothing(
    tmp_path: Path, spoil: Callable[[Path], Any]
) -> None:
    data = interrupted(tmp_path, 1)
    copy = data.working_copies / "more.sqlite3"
    add(copy, ["x" * 100] * 1000)
    spoil(copy)
    before = set(data.backups.iterdir())
    for _ in range(2):
        with pytest.raises(DatabaseUpdateError) as caught:
            told(data)
        assert str(copy) in caught.value.why
        assert set(data.backups.iterdir()) == before
        assert all(path.name in caught.value.next_step for path in before)
        assert names_in(data.database("more")) == ["two"]
        assert len(read_marker(data)) == 3


def test_damaged_marker_is_not_guessed_about(tmp_path: Path) -> None:
    data = interrupted(tmp_path, 1)
    before = names(data)
    data.update_marker.write_text("{")
    with pytest.raises(DatabaseUpdateError, match="cannot be understood") as caught:
        told(data)
    assert "restore" in caught.value.next_step
    assert names(data) == before
