import shutil
import stat
import sys
from pathlib import Path

import pytest

from djdesk_runtime.data.backups import list_backups, make_backup
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.marker import Change, write_marker
from djdesk_runtime.data.restoring import find_backup, restore_backup
from djdesk_runtime.data.retention import NEWEST_KEPT
from djdesk_runtime.data.sqlite_files import problem_of
from djdesk_runtime.errors import BackupError
from tests.unit.djdesk_runtime.data.made_databases import (
    BUNDLE,
    add,
    contents,
    damage,
    make_data,
    make_database,
    names_in,
)


def restore(data: DataFolder, name: str) -> str | None:
    return restore_backup(BUNDLE, data, name, lambda _message: None)


def saved(data: DataFolder, alias: str = "default") -> str:
    return make_backup(data, alias, "manual", "1.0").name


def test_present_state_is_kept(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    name = saved(data)
    add(data.database("default"), ["two"])
    before = restore(data, name)
    assert names_in(data.database("default")) == ["one"]
    assert before is not None
    assert names_in(data.backups / before) == ["one", "two"]
    assert {backup.reason for backup in list_backups(data)} == {"manual", "restore"}
    restore(data, before)
    assert names_in(data.database("default")) == ["one", "two"]
    assert not data.update_marker.exists()


def test_chosen_backup_outlives_the_end_of_an_interrupted_update(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    name = saved(data)
    add(data.database("default"), ["two"])
    newest = [saved(data) for _ in range(NEWEST_KEPT + 1)]
    write_marker(data, [Change("default", "db.sqlite3", newest[-1])])
    restore(data, name)
    assert names_in(data.database("default")) == ["one"]


def test_database_that_is_gone_comes_back(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    make_database(data.database("more"), ["two"])
    name = saved(data, "more")
    data.database("more").unlink()
    assert restore(data, name) is None
    if sys.platform != "win32":
        assert stat.S_IMODE(data.database("more").stat().st_mode) == 0o600
    assert names_in(data.database("more")) == ["two"]
    assert names_in(data.database("default")) == ["one"]


@pytest.mark.parametrize("whole_header", [True, False])
def test_damaged_database_is_set_aside(tmp_path: Path, whole_header: bool) -> None:
    data = make_data(tmp_path, ["x" * 100] * 1000)
    name = saved(data)
    if whole_header:
        damage(data.database("default"))
    else:
        data.database("default").write_bytes(b"nothing that SQLite knows" * 1000)
    content = data.database("default").read_bytes()
    before = restore(data, name)
    assert len(names_in(data.database("default"))) == 1000
    assert problem_of(data.database("default")) is None
    assert before is not None
    assert before.endswith(".damaged")
    assert (data.backups / before).read_bytes() == content


def test_unknown_name_says_what_there_is(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    with pytest.raises(BackupError, match="none"):
        find_backup(data, "x")
    name = saved(data)
    with pytest.raises(BackupError, match="no backup called x") as caught:
        find_backup(data, "x")
    assert name in caught.value.why


def test_path_of_a_backup_names_it(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    name = saved(data)
    assert find_backup(data, str(data.backups / name)).name == name


def test_damaged_backup_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["x" * 100] * 1000)
    name = saved(data)
    damage(data.backups / name)
    before = contents(tmp_path)
    with pytest.raises(BackupError, match="damaged"):
        restore(data, name)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("marker", ['{"databases": [', None])
def test_way_out_when_an_update_cannot_be_completed(tmp_path: Path, marker: str | None) -> None:
    data = make_data(tmp_path, ["one"])
    name = saved(data)
    add(data.database("default"), ["half"])
    if marker is None:
        make_database(data.database("more"), ["two"])
        data.working_copies.mkdir()
        shutil.copy(data.database("more"), data.working_copies)
        write_marker(
            data,
            [
                Change("more", "more.sqlite3", saved(data, "more")),
                Change("default", "db.sqlite3", name),
            ],
        )
    else:
        data.update_marker.write_text(marker)
    restore(data, name)
    assert names_in(data.database("default")) == ["one"]


def test_marker_does_not_outlive_the_databases_that_it_is_about(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    name = saved(data)
    write_marker(data, [Change("default", "db.sqlite3", name)])
    restore(data, name)
    assert not data.update_marker.exists()


def test_chosen_backup_is_not_thrown_away(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    name = saved(data)
    old = name.replace(name.split("-")[1], "20200101T000000Z")
    (data.backups / name).rename(data.backups / old)
    for _ in range(10):
        saved(data)
    restore(data, old)
    assert (data.backups / old).exists()
    assert len(list_backups(data)) == 11
