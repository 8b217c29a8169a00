"""All that a data folder gets in its life is closed to other users, whatever the umask."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from djdesk_runtime.data.backups import delete_outdated, delete_partial, list_backups
from djdesk_runtime.data.folder import DataFolder, prepare_data
from djdesk_runtime.data.inventory import take_inventory, write_inventory
from djdesk_runtime.data.retention import DAMAGED
from djdesk_runtime.errors import DatabaseUpdateError
from tests import unix
from tests.unit.djdesk_runtime.data.made_databases import add, damage, make_data
from tests.unit.djdesk_runtime.data.updates import RUN, make_version, migration
from tests.unit.djdesk_runtime.made_bundle import SHELL, STOP, run, served, started

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes mean little elsewhere")

# Everything that may be at the top of a data folder without the shell.
KNOWN = {
    "backups", "cache", "change.lock", "commands", "db.sqlite3", "db.sqlite3-shm",
    "db.sqlite3-wal", "incoming",
    "inventory.json", "logs", "media", "open.html", "schema.json", "secret_key", "server.json",
    "server.lock", "storages", "updating.json",
}  # fmt: skip
UPLOAD = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
print(default_storage.save("a/b/upload.txt", ContentFile(b"private")))
"""
FAILS = {
    "things/migrations/0002_fails.py": migration("0001_initial", RUN, step="raise ValueError"),
}


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(root: Path) -> dict[str, str]:
    """Return the modes of what is in *root*, however deep, and does not keep others out."""
    found = {path: path.lstat() for path in root.rglob("*")}
    assert {facts.st_uid for facts in found.values()} == {unix.getuid()}
    return {
        str(path.relative_to(root)): oct(stat.S_IMODE(facts.st_mode))
        for path, facts in found.items()
        if stat.S_IMODE(facts.st_mode) & 0o077
    }


@pytest.mark.usefixtures("open_umask")
def test_nothing_is_open_to_others_in_a_whole_life(bundle: Path, tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    data.media.mkdir(parents=True, mode=0o755)
    data.root.chmod(0o755)
    place = {"DJDESK_DATA_DIR": str(data.root)}
    with served(bundle, tmp_path, start_line=SHELL) as server:
        assert server.get("/").status == 200
        assert run(bundle, "manage", "shell", "-c", UPLOAD, variables=place).returncode == 0
        assert run(bundle, "backup", variables=place).returncode == 0
        assert (data.root / "db.sqlite3-wal").exists()
        assert open_to_others(data.root) == {}
        server.process.send_signal(signal.SIGABRT)
        server.end()
    assert (data.logs / "crash.log").stat().st_size > 100
    with started(
        make_version(bundle, tmp_path, "2.0", FAILS), tmp_path, start_line=SHELL
    ) as server:
        assert server.end() == DatabaseUpdateError.exit_code
    assert open_to_others(data.root) == {}
    add_rows = "from tiny.things.models import Thing; [Thing(name=n).save() for n in range(900)]"
    assert run(bundle, "manage", "shell", "-c", add_rows, variables=place).returncode == 0
    damage(data.database("default"))
    name = list_backups(data)[0].name
    done = run(bundle, "restore", name, variables=place)
    assert done.returncode == 0, done.stderr
    archive = str(data.root / "cache" / "diagnostics.zip")
    data.cache.mkdir(mode=0o700)
    assert run(bundle, "diagnostics", "--output", archive, variables=place).returncode == 0
    with served(bundle, tmp_path, start_line=SHELL) as server:
        server.say(STOP)
        assert server.end() == 0
    assert (data.media / "a" / "b" / "upload.txt").read_bytes() == b"private"
    assert any(path.name.endswith(DAMAGED) for path in data.backups.iterdir())
    assert open_to_others(data.root) == {}
    assert {path.name for path in data.root.iterdir()} <= KNOWN
    assert stat.S_IMODE(data.root.stat().st_mode) == 0o755, "it was chosen by its owner"


def test_what_an_earlier_version_left_open_is_closed_once(tmp_path: Path) -> None:
    data = make_data(tmp_path / "data", ["one"])
    data.media.mkdir()
    for path in (data.media, data.database("default")):
        path.chmod(0o755)
    prepare_data(data)
    assert open_to_others(data.root) == {}
    write_inventory(data, take_inventory(data, [data.media]))
    data.media.chmod(0o755)
    prepare_data(data)
    assert open_to_others(data.root) == {"media": "0o755"}, "shared on purpose"


def test_links_are_not_followed_to_close_what_is_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    data = make_data(tmp_path / "data")
    data.media.symlink_to(elsewhere)
    prepare_data(data)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


def test_temporary_files_of_killed_processes_go_after_a_day(tmp_path: Path) -> None:
    data = make_data(tmp_path / "data")
    old, new = (data.root / f"secret_key.{digit * 16}.tmp" for digit in "0a")
    mine = data.root / "notes.tmp"
    for path in (old, new, mine):
        path.touch()
    os.utime(old, (0, 0))
    os.utime(mine, (0, 0))
    delete_partial(data)
    assert not old.exists()
    assert new.exists()
    assert mine.exists()


def test_damaged_database_goes_with_what_is_beside_it(tmp_path: Path) -> None:
    data = make_data(tmp_path / "data")
    data.backups.mkdir()
    add(data.database("default"), ["one"])
    stem = "default-20200101T120000Z-restore-1.0.sqlite3"
    for name in (
        stem + DAMAGED,
        f"{stem}{DAMAGED}-wal",
        "default-20200102T120000Z-update-1.sqlite3",
    ):
        (data.backups / name).touch()
    delete_outdated(data)
    assert [path.name for path in data.backups.iterdir()] == [
        "default-20200102T120000Z-update-1.sqlite3"
    ]
