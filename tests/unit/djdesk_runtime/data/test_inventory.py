"""What vanishes from a data folder is reported, by every command that would make it again."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from djdesk_runtime.data.backups import list_backups, make_backup
from djdesk_runtime.data.completeness import find_missing, require_complete
from djdesk_runtime.data.folder import DataFolder, locate_data, prepare_data
from djdesk_runtime.data.inventory import (
    kind_of,
    read_inventory,
    require_own,
    take_inventory,
    write_inventory,
)
from djdesk_runtime.data.secret_key import secret_key
from djdesk_runtime.errors import DataFolderError, DataMissingError
from tests.unit.djdesk_runtime.data.made_databases import (
    contents,
    make_database,
    make_killed_database,
    names_in,
)
from tests.unit.djdesk_runtime.data.updates import start
from tests.unit.djdesk_runtime.made_bundle import run

MISSING = DataMissingError.exit_code
ROOT = Path("bundle")


def make_known_data(root: Path) -> DataFolder:
    """Make a data folder of two databases, uploads and a key, with its inventory."""
    data = prepare_data(DataFolder(root, identifier="org.example.notes"))
    make_database(data.database("default"), ["one"])
    make_database(data.database("more"), ["two"])
    secret_key(data.secret_key)
    data.media.mkdir()
    data.storage("papers").mkdir(parents=True)
    write_inventory(data, take_inventory(data, [data.media, data.storage("papers")]))
    require_complete(ROOT, data)
    return data


def remove_media(data: DataFolder) -> None:
    shutil.rmtree(data.media)


def empty_database(data: DataFolder) -> None:
    data.database("default").write_bytes(b"")


def keep_only_the_log(data: DataFolder) -> None:
    database = data.database("more")
    database.unlink()
    make_killed_database(database, ["three"])
    database.unlink()


def empty_beside_a_log(data: DataFolder) -> None:
    keep_only_the_log(data)
    data.database("more").touch()


def replace_by_link(path: Path) -> None:
    elsewhere = path.with_name(f"elsewhere {path.name}")
    path.rename(elsewhere)
    path.symlink_to(elsewhere, target_is_directory=elsewhere.is_dir())


def replace_by_folder(data: DataFolder) -> None:
    data.database("default").unlink()
    data.database("default").mkdir()


def replace_by_file(data: DataFolder) -> None:
    remove_media(data)
    data.media.touch()


def link_to_nowhere(data: DataFolder) -> None:
    remove_media(data)
    data.media.symlink_to(data.root / "unmounted")


VANISHINGS: dict[str, tuple[str, Callable[[DataFolder], object]]] = {
    "database missing": ("db.sqlite3", lambda data: data.database("default").unlink()),
    "database emptied": ("db.sqlite3", empty_database),
    "one of two": ("more.sqlite3", lambda data: data.database("more").unlink()),
    "log without database": ("more.sqlite3-wal", keep_only_the_log),
    "log beside nothing": ("more.sqlite3-wal", empty_beside_a_log),
    "database is a folder": (
        "db.sqlite3", replace_by_folder,
    ),
    "uploads missing": ("media", remove_media),
    "uploads are a file": ("media", replace_by_file),
    "storage missing": ("papers", lambda data: shutil.rmtree(data.root / "storages")),
    "key missing": ("secret_key", lambda data: data.secret_key.unlink()),
    "key emptied": ("secret_key", lambda data: data.secret_key.write_bytes(b"")),
    "key of others": ("secret_key", lambda data: data.secret_key.write_text("k" * 80)),
    "uploads are a link": ("media", lambda data: replace_by_link(data.media)),
    "database is a link": ("db.sqlite3", lambda data: replace_by_link(data.database("default"))),
    "link to nowhere": (
        "media", link_to_nowhere,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VANISHINGS)
def test_what_vanished_is_reported_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    data = make_known_data(tmp_path / "data")
    expected, vanish = VANISHINGS[name]
    vanish(data)
    before = contents(data.root)
    with pytest.raises(DataMissingError) as caught:
        require_complete(ROOT, data)
    assert expected in caught.value.why
    assert "adopt" in caught.value.next_step
    assert contents(data.root) == before


@pytest.mark.parametrize("name", VANISHINGS)
def test_adopting_accepts_what_is_there_and_deletes_nothing(
    tmp_path: Path, bundle: Path, name: str
) -> None:
    data = make_known_data(tmp_path / "data")
    VANISHINGS[name][1](data)
    before = sorted(contents(data.root).values())
    assert run(bundle, "adopt", "--data-dir", str(data.root)).returncode == 0
    assert not list(find_missing(data))
    after = list(contents(data.root).values())
    kept = [content for content in before if content and not content.startswith(b"{")]
    assert all(content in after for content in kept)


def test_newest_copy_is_named_with_the_command_that_restores_it(tmp_path: Path) -> None:
    data = make_known_data(tmp_path / "data")
    make_backup(data, "default", "manual", "1.0")
    newest = make_backup(data, "default", "manual", "1.0").name
    data.database("default").unlink()
    with pytest.raises(DataMissingError) as caught:
        require_complete(ROOT, data)
    assert f"restore {newest}" in caught.value.next_step
    assert str(data.root) in caught.value.next_step


def test_folder_that_changed_otherwise_is_complete(tmp_path: Path) -> None:
    data = make_known_data(tmp_path / "data")
    make_database(data.database("new"), ["x"])
    (data.media / "upload.txt").write_text("uploaded")
    shutil.rmtree(data.logs)
    require_complete(ROOT, data)


def test_links_that_were_there_from_the_start_are_fine(tmp_path: Path) -> None:
    data = prepare_data(DataFolder(tmp_path / "data"))
    (tmp_path / "big disk").mkdir()
    data.media.symlink_to(tmp_path / "big disk", target_is_directory=True)
    write_inventory(data, take_inventory(data, [data.media]))
    require_complete(ROOT, data)
    assert kind_of(data.media) == "link"


def test_new_folder_is_complete(tmp_path: Path) -> None:
    require_complete(ROOT, prepare_data(DataFolder(tmp_path / "data")))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"entries": 1}', "null"])
def test_damaged_inventory_is_none(tmp_path: Path, content: str) -> None:
    data = make_known_data(tmp_path)
    data.inventory_file.write_text(content)
    assert read_inventory(data) is None
    require_own(data)
    require_complete(ROOT, data)


@pytest.mark.parametrize("remembered", ["stamps", "backups"])
def test_older_folder_knows_its_databases_otherwise(tmp_path: Path, remembered: str) -> None:
    data = make_known_data(tmp_path)
    data.inventory_file.unlink()
    if remembered == "stamps":
        stamps = {"default": {"things.0001_initial": "1.0"}, "unused": {}}
        data.schema_file.write_text(json.dumps({"migrations": stamps}))
    else:
        make_backup(data, "default", "update", "1.0")
    require_complete(ROOT, data)
    data.database("default").unlink()
    with pytest.raises(DataMissingError, match=r"db\.sqlite3"):
        require_complete(ROOT, data)


def test_folder_of_another_application_is_refused(tmp_path: Path, bundle: Path) -> None:
    data = make_known_data(tmp_path / "data")
    copy = make_backup(data, "default", "manual", "1.0").name
    before = contents(data.root)
    other = locate_data(str(data.root), {}, "org.example.other")
    with pytest.raises(DataFolderError, match=r"org\.example\.notes"):
        prepare_data(other)
    prepare_data(locate_data(str(data.root), {}, "org.example.notes"))
    for arguments in (["serve"], ["manage", "migrate"], ["restore", copy], ["backup"]):
        done = run(bundle, *arguments, variables={"DJDESK_DATA_DIR": str(data.root)})
        assert done.returncode == DataFolderError.exit_code, done.stderr
    assert contents(data.root) == before
    assert run(bundle, "adopt", "--data-dir", str(data.root)).returncode == 0
    assert read_inventory(data).identifier == "org.example.tiny-site"  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def used(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """The data folder of a project that has been started. Tests copy it."""
    root = tmp_path_factory.mktemp("used") / "data"
    assert start(bundle, root).code == 0
    return DataFolder(root)


def copy_of(used: DataFolder, folder: Path) -> DataFolder:
    return DataFolder(Path(shutil.copytree(used.root, folder / "data")))


def test_first_start_takes_the_inventory(used: DataFolder) -> None:
    inventory = read_inventory(used)
    assert inventory is not None
    assert inventory.entries == {"db.sqlite3": "file", "media": "folder", "secret_key": "file"}


COMMANDS = (
    ["serve"],
    ["manage", "migrate"],
    ["manage", "dumpdata"],
    ["manage", "flush", "--noinput"],
    ["try-writing"],
    ["backup"],
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_makes_again_what_vanished(
    bundle: Path, used: DataFolder, tmp_path: Path, arguments: list[str]
) -> None:
    data = copy_of(used, tmp_path)
    data.database("default").unlink()
    remove_media(data)
    done = run(bundle, *arguments, variables={"DJDESK_DATA_DIR": str(data.root)})
    assert done.returncode == MISSING, done.stderr
    assert not data.database("default").exists()
    assert not data.media.exists()


@pytest.mark.parametrize("vanish", [empty_database, lambda data: data.database("default").unlink()])
def test_restoring_or_adopting_lets_the_next_start_succeed(
    bundle: Path, used: DataFolder, tmp_path: Path, vanish: Callable[[DataFolder], object]
) -> None:
    data = copy_of(used, tmp_path)
    assert run(bundle, "backup", "--data-dir", str(data.root)).returncode == 0
    vanish(data)
    assert start(bundle, data.root).code == MISSING
    name = list_backups(data)[-1].name
    assert run(bundle, "restore", name, "--data-dir", str(data.root)).returncode == 0
    assert start(bundle, data.root).code == 0
    vanish(data)
    assert start(bundle, data.root).code == MISSING
    assert run(bundle, "adopt", "--data-dir", str(data.root)).returncode == 0
    assert start(bundle, data.root).code == 0


def test_database_that_lost_its_tables_is_reported(
    bundle: Path, used: DataFolder, tmp_path: Path
) -> None:
    data = copy_of(used, tmp_path)
    data.database("default").unlink()
    make_database(data.database("default"), ["somebody else's"])
    assert start(bundle, data.root).code == MISSING
    assert names_in(data.database("default")) == ["somebody else's"]
    assert run(bundle, "adopt", "--data-dir", str(data.root)).returncode == 0
    assert start(bundle, data.root).code == 0


def test_unapplied_migrations_are_no_loss(bundle: Path, used: DataFolder, tmp_path: Path) -> None:
    data = copy_of(used, tmp_path)
    place = {"DJDESK_DATA_DIR": str(data.root)}
    assert run(bundle, "manage", "migrate", "things", "zero", variables=place).returncode == 0
    assert start(bundle, data.root).code == 0


def test_older_folder_without_inventory_gets_one(
    bundle: Path, used: DataFolder, tmp_path: Path
) -> None:
    data = copy_of(used, tmp_path)
    data.inventory_file.unlink()
    remove_media(data)
    assert start(bundle, data.root).code == 0
    assert read_inventory(data) == read_inventory(used)


def test_log_without_its_database_is_restored_over_and_kept(
    bundle: Path, used: DataFolder, tmp_path: Path
) -> None:
    data = copy_of(used, tmp_path)
    assert run(bundle, "backup", "--data-dir", str(data.root)).returncode == 0
    database = data.database("default")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT INTO things_thing (name) VALUES ('last')")
        connection.commit()
        log = Path(shutil.copy(f"{database}-wal", tmp_path / "log"))
    database.unlink()
    Path(f"{database}-wal").write_bytes(log.read_bytes())
    assert start(bundle, data.root).code == MISSING
    name = list_backups(data)[-1].name
    done = run(bundle, "restore", name, "--data-dir", str(data.root))
    assert done.returncode == 0, done.stderr
    assert log.read_bytes() in contents(data.backups).values()
    assert start(bundle, data.root).code == 0
