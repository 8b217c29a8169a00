import getpass
import json
import re
import stat
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.reports import diagnostics as module
from djdesk_runtime.reports.diagnostics import default_name, log_text, write_archive
from tests.unit.djdesk_runtime.made_bundle import changed_bundle, run

KEY = "the-secret-key-of-this-installation-" * 2
MEMBERS = {
    *("README.txt", "versions.json", "bundle.json", "settings.json", "system.json", "data.json"),
}


@dataclass(frozen=True)
class Made:
    """What the command said, and the archive's texts by name."""

    done: CompletedProcess[str]
    file: Path
    texts: Mapping[str, str]

    def json(self, name: str) -> Any:  # noqa: ANN401 - any document
        return json.loads(self.texts[name])


def make(bundle: Path, data: Path, output: Path, home: Path) -> Made:
    variables = {"HOME": str(home), "LOGNAME": "somebody"}
    words = ("--data-dir", str(data), "--output", str(output))
    done = run(bundle, "diagnostics", *words, variables=variables)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(output) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return Made(done, output, texts)


@pytest.fixture(scope="module")
def made(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The archive of an application that was used, in the home of somebody."""
    home = tmp_path_factory.mktemp("home")
    data = home / "data"
    (data / "logs").mkdir(parents=True)
    (data / "media").mkdir()
    (data / "media" / "private.txt").write_text("private")
    (data / "secret_key").write_text(KEY)
    (data / "logs" / "app.log").write_text(
        f"INFO the key is {KEY}\nX-DJDesk-Token: abcdef\nsomebody in {home}/x\n"
    )
    (data / "logs" / "app.log.1").write_bytes(b"older, caf\xe9\n")
    (data / "logs" / "elsewhere.log").symlink_to(data / "media" / "private.txt")
    (data / "logs" / "folder").mkdir()
    return make(bundle, data, home / "out.zip", home)


def test_says_where_it_is_and_holds_what_it_says(made: Made) -> None:
    assert made.done.stdout == f"{made.file}\n"
    assert made.done.stderr == ""
    assert set(made.texts) == MEMBERS | {"logs/app.log", "logs/app.log.1"}
    for name in MEMBERS - {"README.txt"}:
        assert name in made.texts["README.txt"]
    assert "Tiny Site 1.2.3" in made.texts["README.txt"]


def test_only_its_owner_can_read_it(made: Made) -> None:
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert [path.name for path in made.file.parent.iterdir() if "zip" in path.name] == ["out.zip"]


def test_every_description_is_there(made: Made) -> None:
    assert made.json("versions.json")["app"]["version"] == "1.2.3"
    assert made.json("versions.json")["data_dir"] == "~/data"
    assert made.json("bundle.json")["schema"] == 1
    assert made.json("settings.json")["MEDIA_ROOT"] == "~/data/media"
    assert made.json("system.json")["disk"]["free_bytes"] > 0
    names = {entry["name"] for entry in made.json("data.json")["entries"]}
    assert names == {"secret_key", "logs", "media"}


def test_nothing_private_is_in_it(made: Made) -> None:
    everything = "\n".join([*made.texts, *made.texts.values()])
    for private in (KEY, "abcdef", str(made.file.parent), "somebody", "private"):
        assert private not in everything, private
    assert made.texts["logs/app.log"] == (
        "INFO the key is ********\nX-DJDesk-Token: ********\n~ in ~/x\n"
    )
    assert made.texts["logs/app.log.1"] == "older, caf\N{REPLACEMENT CHARACTER}\n"


def test_without_data_none_is_made(bundle: Path, tmp_path: Path) -> None:
    made = make(bundle, tmp_path / "data", tmp_path / "out.zip", tmp_path)
    assert set(made.texts) == MEMBERS
    assert made.json("data.json")["exists"] is False
    assert made.json("settings.json")["ROOT_URLCONF"] == "tiny.urls"
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]


def test_a_broken_project_says_so_inside(bundle: Path, tmp_path: Path) -> None:
    copy = changed_bundle(bundle, tmp_path, "app/src/tiny/settings.py", "PASSWORD = '1'\n1 / 0\n")
    made = make(copy, tmp_path / "data", tmp_path / "out.zip", tmp_path)
    assert "ZeroDivisionError" in made.json("settings.json")["broken"]
    assert made.json("versions.json")["app"]["name"] == "Tiny Site"


def test_a_dsn_is_not_in_it(bundle: Path, tmp_path: Path) -> None:
    manifest = json.loads((bundle / "bundle.json").read_text())
    manifest["desktop"] = {"sentry_dsn": "https://0123456789abcdef@sentry.example/42"}
    copy = changed_bundle(bundle, tmp_path, "bundle.json", json.dumps(manifest))
    made = make(copy, tmp_path / "data", tmp_path / "out.zip", tmp_path)
    assert "0123456789abcdef" not in "".join(made.texts.values())


def test_a_damaged_bundle_has_nothing_to_tell(bundle: Path, tmp_path: Path) -> None:
    copy = changed_bundle(bundle, tmp_path, "bundle.json", "{")
    done = run(copy, "diagnostics", "--output", str(tmp_path / "out.zip"))
    assert done.returncode == 3
    assert not (tmp_path / "out.zip").exists()


def test_by_default_it_lies_in_the_current_folder(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(bundle, "diagnostics", "--data-dir", str(tmp_path / "data"))
    (file,) = tmp_path.iterdir()
    assert done.stdout == f"{file}\n"
    assert re.fullmatch(r"Tiny-Site-diagnostics-\d{8}T\d{6}Z\.zip", file.name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tiny Site", "Tiny-Site"),
        ("Nötes 日本", "Nötes-日本"),
        ('a/b\\c:d*e?"<>|', "a-b-c-d-e"),
        ("..", "application"),
    ],
)
def test_default_names_are_good_everywhere(bundle: Path, name: str, expected: str) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    info = read_bundle(bundle)
    object.__setattr__(info, "name", name)
    assert default_name(info, moment) == f"{expected}-diagnostics-20260102T030405Z.zip"


def test_a_file_is_only_replaced_if_it_was_named(tmp_path: Path) -> None:
    output = tmp_path / "out.zip"
    output.write_text("mine")
    with pytest.raises(FileExistsError):
        write_archive(output, iter([("a", "b")]), replace=False)
    assert output.read_text() == "mine"
    write_archive(output, iter([("a", "b")]), replace=True)
    with zipfile.ZipFile(output) as archive:
        assert archive.read("a") == b"b"


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    output = tmp_path / "out.zip"
    output.write_text("mine")

    def failing() -> Any:  # noqa: ANN401 - yields once
        yield "a", "b"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_archive(output, failing(), replace=True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.zip", "mine")]


@pytest.mark.parametrize(("output", "words"), [("none/x.zip", "No such file"), (".", "directory")])
def test_a_place_that_cannot_be_written_is_named(
    bundle: Path, tmp_path: Path, output: str, words: str
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    done = run(bundle, "diagnostics", "--output", str(place / output))
    assert done.returncode == 1
    assert "The diagnostics cannot be written." in done.stderr
    assert words in done.stderr
    assert "--output" in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(place.iterdir())


def test_of_a_long_log_the_last_lines_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOG_BYTES", 25)
    file = tmp_path / "app.log"
    file.write_bytes(b"first line\nsecond line\nthird line\n")
    assert log_text(file) == "[9 bytes left out]\nsecond line\nthird line\n"
    file.write_bytes(b"second line\nthird line!!\n")
    assert log_text(file) == "second line\nthird line!!\n"
    file.write_bytes(b"x" * 100)
    assert log_text(file) == "[75 bytes left out]\n"
    file.unlink()
    assert "cannot be read" in log_text(file)


def test_what_cannot_be_found_out_does_not_keep_the_rest(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise ValueError(f"for {getpass.getuser()}")

    monkeypatch.setenv("LOGNAME", "somebody")
    for name in ("facts", "settings_in_use", "system_facts"):
        monkeypatch.setattr(module, name, fail)
    texts = dict(module.members(read_bundle(bundle), DataFolder(tmp_path)))
    assert set(texts) == MEMBERS
    assert texts["versions.json"].startswith("This could not be found out:\nTraceback")
    assert texts["versions.json"].endswith("ValueError: for ~\n")
    assert json.loads(texts["data.json"])["exists"] is True


def test_nothing_is_printed_by_the_project(made: Made) -> None:
    """Its prints would be taken for the path by a program that reads it."""
    assert "noise" not in made.done.stdout
    assert sys.getdefaultencoding() == "utf-8"
