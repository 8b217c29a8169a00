import json
from pathlib import Path

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.lock import lock_data
from djdesk_runtime.data.marker import Change, write_marker
from tests.unit.djdesk_runtime.data.made_databases import add, make_data, make_database, names_in
from tests.unit.djdesk_runtime.made_bundle import run


def test_backup_prints_the_files(bundle: Path, tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    make_database(data.database("more"), ["two"])
    data.database("empty").touch()
    with lock_data(data):  # as a server that is running has it
        done = run(bundle, "backup", "--data-dir", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    made = [Path(line) for line in done.stdout.splitlines()]
    assert [names_in(path) for path in made] == [["one"], ["two"]]
    assert all("-manual-1.2.3.sqlite3" in path.name for path in made)


def test_backup_needs_data(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "backup", "--data-dir", str(tmp_path / "missing"))
    assert done.returncode == 1
    assert "there is no data yet" in done.stderr
    assert not (tmp_path / "missing").exists()


def test_no_backup_of_what_is_between_two_versions(bundle: Path, tmp_path: Path) -> None:
    data = make_data(tmp_path, ["half"])
    write_marker(data, [Change("default", "db.sqlite3", "x.sqlite3")])
    done = run(bundle, "backup", "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert "update of your data is not complete" in done.stderr
    assert not data.backups.exists()


def test_list(bundle: Path, tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    empty = run(bundle, "backups", "--data-dir", str(tmp_path))
    assert (empty.returncode, empty.stdout) == (0, "There are no backups.\n")
    assert json.loads(run(bundle, "backups", "--json", "--data-dir", str(tmp_path)).stdout) == []
    for _ in range(2):
        run(bundle, "backup", "--data-dir", str(tmp_path))
    table = run(bundle, "backups", "--data-dir", str(tmp_path)).stdout.splitlines()
    facts = json.loads(run(bundle, "backups", "--json", "--data-dir", str(tmp_path)).stdout)
    assert [line.split()[-1] for line in table] == [entry["name"] for entry in facts]
    newest, oldest = facts
    assert newest["made"] > oldest["made"]
    assert newest["database"] == "default"
    assert newest["reason"] == "manual"
    assert newest["version"] == "1.2.3"
    assert newest["bytes"] == (data.backups / newest["name"]).stat().st_size


def test_restore(bundle: Path, tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    path = run(bundle, "backup", "--data-dir", str(tmp_path)).stdout.strip()
    add(data.database("default"), ["two"])
    done = run(bundle, "restore", path, "--data-dir", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(path).name in done.stdout
    assert names_in(data.database("default")) == ["one"]
    kept = done.stdout.split()[-1].rstrip(".")
    assert names_in(data.backups / kept) == ["one", "two"]


def test_restore_of_an_unknown_name_touches_nothing(bundle: Path, tmp_path: Path) -> None:
    make_data(tmp_path, ["one"])
    done = run(bundle, "restore", "x", "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert "no backup called x" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["db.sqlite3"]


def test_restore_while_a_server_runs(bundle: Path, tmp_path: Path) -> None:
    data: DataFolder = make_data(tmp_path, ["one"])
    name = Path(run(bundle, "backup", "--data-dir", str(tmp_path)).stdout.strip()).name
    add(data.database("default"), ["two"])
    with lock_data(data):
        done = run(bundle, "restore", name, "--data-dir", str(tmp_path))
    assert done.returncode == 8
    assert "already running" in done.stderr
    assert names_in(data.database("default")) == ["one", "two"]


@pytest.mark.parametrize("words", [["backups"], ["restore", "x"]])
def test_file_in_the_place_of_the_folder_is_named(
    bundle: Path, tmp_path: Path, words: list[str]
) -> None:
    data = make_data(tmp_path, ["one"])
    data.backups.write_text("in the way")
    done = run(bundle, *words, "--data-dir", str(tmp_path))
    assert done.returncode == 5
    assert str(data.backups) in done.stderr
    assert "Traceback" not in done.stderr
