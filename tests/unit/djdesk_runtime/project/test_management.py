"""What ``manage`` does to the user's data, and what it does not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from djdesk_runtime.data.backups import list_backups, make_backup
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.lock import lock_data
from djdesk_runtime.data.marker import Change, write_marker
from djdesk_runtime.data.schema import read_schema
from tests.unit.djdesk_runtime.data.made_databases import damage, make_database
from tests.unit.djdesk_runtime.data.updates import (
    ADD_FIELD,
    RUN,
    database_files,
    make_version,
    migration,
)
from tests.unit.djdesk_runtime.made_bundle import run

SECOND = {"things/migrations/0002_size.py": migration("0001_initial", ADD_FIELD.format("size"))}
HALF = """
    apps.get_model("things", "Thing").objects.create(name="half")
    raise {}
"""
AS_BEFORE = "Your data is as it was before."
CHANGING = [["migrate"], ["flush", "--noinput"], ["loaddata", "things.json"]]


def manage(bundle: Path, data: DataFolder, *words: str) -> subprocess.CompletedProcess[str]:
    return run(bundle, "manage", "--data-dir", str(data.root), *words)


def add_thing(bundle: Path, data: DataFolder, name: str) -> None:
    code = f"from tiny.things.models import Thing; Thing.objects.create(name={name!r})"
    done = manage(bundle, data, "shell", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr


def things(bundle: Path, data: DataFolder) -> list[str]:
    code = "from tiny.things.models import Thing; print([t.name for t in Thing.objects.all()])"
    done = manage(bundle, data, "shell", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr
    return [name.strip("'") for name in done.stdout.splitlines()[-1].strip("[]").split(", ")]


@pytest.fixture
def data(bundle: Path, tmp_path: Path) -> DataFolder:
    """The data of somebody who has one thing."""
    folder = DataFolder(tmp_path / "data")
    done = manage(bundle, folder, "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    assert list_backups(folder) == [], "there was nothing to copy"
    add_thing(bundle, folder, "one")
    return folder


def fixture(folder: Path, *names: str | None) -> str:
    """Make a file for loaddata with things; None for a name is one that no thing can have."""
    facts = [{"model": "things.thing", "fields": {"name": name}} for name in names]
    file = folder / "things.json"
    file.write_text(json.dumps(facts), encoding="utf-8")
    return str(file)


def test_migrate_makes_a_backup_and_says_what_it_knows(
    bundle: Path, tmp_path: Path, data: DataFolder
) -> None:
    newer = make_version(bundle, tmp_path, "2.0", SECOND)
    done = manage(newer, data, "migrate")
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert "Applying things.0002_size" in done.stdout
    [backup] = list_backups(data)
    assert (backup.reason, backup.version) == ("update", "2.0")
    assert ("things", "0002_size") not in read_schema(data.backups / backup.name).applied
    assert ("things", "0002_size") in read_schema(data.database("default")).applied
    stamps = json.loads(data.schema_file.read_text(encoding="utf-8"))["migrations"]["default"]
    assert stamps["things.0002_size"] == "2.0"
    assert not data.update_marker.exists()


@pytest.mark.parametrize("command", [["flush", "--noinput"], ["loaddata"]])
def test_other_commands_that_change_everything_make_one_too(
    bundle: Path, tmp_path: Path, data: DataFolder, command: list[str]
) -> None:
    file = [fixture(tmp_path, "loaded")] if command == ["loaddata"] else []
    done = manage(bundle, data, *command, *file)
    assert done.returncode == 0, done.stderr
    assert things(bundle, data) == (["one", "loaded"] if file else [""])
    [backup] = list_backups(data)
    restored = run(bundle, "restore", "--data-dir", str(data.root), backup.name)
    assert restored.returncode == 0, restored.stderr
    assert things(bundle, data) == ["one"]


@pytest.mark.parametrize("command", CHANGING)
def test_refuses_the_data_of_a_newer_version(
    bundle: Path, tmp_path: Path, data: DataFolder, command: list[str]
) -> None:
    newer = make_version(bundle, tmp_path, "2.0", SECOND)
    assert manage(newer, data, "migrate").returncode == 0
    before = database_files(data)
    done = manage(bundle, data, *command)
    assert done.returncode == 9
    assert "newer version of Tiny Site. It was not changed." in done.stderr
    assert "Traceback" not in done.stderr
    assert database_files(data) == before


@pytest.mark.parametrize("command", CHANGING)
def test_waits_for_no_server(bundle: Path, data: DataFolder, command: list[str]) -> None:
    before = database_files(data)
    with lock_data(data):
        done = manage(bundle, data, *command)
    assert done.returncode == 8
    assert "Your data is in use" in done.stderr
    assert database_files(data) == before


@pytest.mark.parametrize("command", [["migrate", "--plan"], ["migrate", "--check"]])
def test_looking_needs_neither(bundle: Path, data: DataFolder, command: list[str]) -> None:
    with lock_data(data):
        done = manage(bundle, data, *command)
    assert done.returncode == 0, done.stderr
    assert list_backups(data) == []


def test_names_itself_and_keeps_the_port_of_last_time(
    bundle: Path, tmp_path: Path, data: DataFolder
) -> None:
    data.server_file.write_text('{"pid": 1, "port": 4321, "started": "x"}', encoding="utf-8")
    copy = make_version(bundle, tmp_path, "2.0", {"things/migrations/0002_look.py": LOOK})
    done = manage(copy, data, "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    record = json.loads(data.server_file.read_text(encoding="utf-8"))
    assert record["port"] == 4321
    assert f"made by {record['pid']}" in done.stdout


LOOK = migration("0001_initial", RUN, step="import os; print('made by', os.getpid())")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["migrate", "nothing"], "CommandError: No installed app with label 'nothing'."),
        (["migrate", "--nothing"], "unrecognized arguments: --nothing"),
        (["loaddata", "nothing"], "CommandError: No fixture named 'nothing' found."),
    ],
)
def test_a_mistake_is_told_in_the_commands_own_words(
    bundle: Path, data: DataFolder, command: list[str], words: str
) -> None:
    before = things(bundle, data)
    done = manage(bundle, data, *command)
    assert done.returncode in {1, 2}
    assert words in done.stderr
    assert done.stderr.endswith(f"{AS_BEFORE}\n")
    assert "version" not in done.stderr.replace("--version", "")
    assert things(bundle, data) == before
    assert not data.update_marker.exists()


@pytest.mark.parametrize("error", ["RuntimeError('it fails')", "SystemExit('it fails')"])
def test_a_migration_that_fails_is_undone(
    bundle: Path, tmp_path: Path, data: DataFolder, error: str
) -> None:
    third = migration("0002_size", RUN, step=HALF.format(error), atomic=False)
    files = SECOND | {"things/migrations/0003_half.py": third}
    done = manage(make_version(bundle, tmp_path, "2.0", files), data, "migrate")
    assert done.returncode == (1 if error.startswith("System") else 7)
    assert "it fails" in done.stderr
    assert AS_BEFORE in done.stderr
    assert things(bundle, data) == ["one"]
    assert not data.update_marker.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_an_interrupted_command_is_undone(bundle: Path, tmp_path: Path, data: DataFolder) -> None:
    step = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    third = migration("0002_size", RUN, step=step)
    files = SECOND | {"things/migrations/0003_half.py": third}
    done = manage(make_version(bundle, tmp_path, "2.0", files), data, "migrate")
    assert done.returncode == 130
    assert done.stderr.endswith(f"{AS_BEFORE}\n")
    assert things(bundle, data) == ["one"]


def test_data_that_does_not_fit_is_undone_and_nobody_told_to_go_back(
    bundle: Path, tmp_path: Path, data: DataFolder
) -> None:
    done = manage(bundle, data, "loaddata", fixture(tmp_path, "good", None))
    assert done.returncode == 7
    assert f"The command loaddata failed. {AS_BEFORE}" in done.stderr
    assert "IntegrityError" in done.stderr
    assert f"try again; {data.log_file} has the traceback." in done.stderr
    assert "the version that you used" not in done.stderr
    assert things(bundle, data) == ["one"]


def test_a_damaged_database_is_not_touched(bundle: Path, data: DataFolder) -> None:
    damage(data.database("default"))
    before = database_files(data)
    done = manage(bundle, data, "migrate")
    assert done.returncode == 7
    assert "Your data is damaged. It was not changed." in done.stderr
    assert database_files(data) == before


# An update that was interrupted


def interrupt(data: DataFolder) -> None:
    """Leave what an update leaves that is killed before it has replaced the first of databases."""
    backup = make_backup(data, "default", "update", "2.0")
    database = data.database("default")
    data.working_copies.mkdir()
    make_database(data.working_copies / database.name, ["half"])
    write_marker(data, [Change("default", database.name, backup.name)])


def test_what_a_command_writes_survives_the_next_start(bundle: Path, data: DataFolder) -> None:
    interrupt(data)
    add_thing(bundle, data, "new")
    assert not data.update_marker.exists()
    assert things(bundle, data) == ["one", "new"]


@pytest.mark.parametrize("words", [["manage", "migrate"], ["try-writing"]])
def test_interrupted_update_is_completed_first(
    bundle: Path, data: DataFolder, words: list[str]
) -> None:
    interrupt(data)
    name, *arguments = words
    done = run(bundle, name, "--data-dir", str(data.root), *arguments)
    assert done.returncode == 0, done.stderr
    assert "Completing the update of your data…" in done.stderr
    assert not data.update_marker.exists()
    assert not data.working_copies.exists()
    assert things(bundle, data) == ["one"]


@pytest.mark.parametrize("words", [["manage", "shell", "-c", "1"], ["try-writing"]])
def test_an_update_under_way_is_left_alone(
    bundle: Path, data: DataFolder, words: list[str]
) -> None:
    interrupt(data)
    before = database_files(data)
    name, *arguments = words
    with lock_data(data):
        done = run(bundle, name, "--data-dir", str(data.root), *arguments)
    assert done.returncode == 8
    assert "Your data is in use" in done.stderr
    assert database_files(data) == before
    assert data.update_marker.exists()


# Servers without a gate


@pytest.mark.parametrize("command", ["runserver", "testserver"])
def test_servers_of_django_are_refused(bundle: Path, tmp_path: Path, command: str) -> None:
    done = manage(bundle, DataFolder(tmp_path / "data"), command)
    assert done.returncode == 2
    assert f"The command {command} does not work inside a bundle." in done.stderr
    assert "'run_django.py serve --open-browser'" in done.stderr
    assert not (tmp_path / "data").exists()
