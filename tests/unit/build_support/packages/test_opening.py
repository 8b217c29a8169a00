from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from build_support.errors import ArchiveError, ToolError, VerificationError
from build_support.packages.archives import write_tar, write_zip
from build_support.packages.opening import OPENERS, Application, find_program
from build_support.target import System

LINUX = Application("linux", "notes")
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="the programs are scripts")


def program(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def mac_application(folder: Path, name: str = "Notes & more") -> Path:
    contents = folder / f"{name}.app" / "Contents"
    made = program(contents / "MacOS" / name)
    with (contents / "Info.plist").open("wb") as stream:
        plistlib.dump({"CFBundleExecutable": name}, stream)
    return made


@pytest.mark.parametrize("place", ["notes", "notes-1.0/notes", "opt/Über uns/notes"])
def test_a_program_for_linux(tmp_path: Path, place: str) -> None:
    made = program(tmp_path / place)
    assert find_program(tmp_path, LINUX) == made


def test_a_program_for_macos(tmp_path: Path) -> None:
    made = mac_application(tmp_path)
    assert find_program(tmp_path, Application("macos", "notes")) == made


def test_a_program_for_windows_is_not_the_one_that_uninstalls(tmp_path: Path) -> None:
    program(tmp_path / "Uninstall Notes.exe")
    made = program(tmp_path / "Zoo.exe")
    assert find_program(tmp_path, Application("windows", "notes")) == made


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_no_program(tmp_path: Path, system: System) -> None:
    (tmp_path / "notes").mkdir()
    with pytest.raises(VerificationError, match="no application"):
        find_program(tmp_path, Application(system, "notes"))


def test_an_application_without_its_description(tmp_path: Path) -> None:
    mac_application(tmp_path, "Notes")
    (tmp_path / "Notes.app" / "Contents" / "Info.plist").write_bytes(b"damaged")
    with pytest.raises(VerificationError, match=r"Notes\.app is not a whole application"):
        find_program(tmp_path, Application("macos", "notes"))


def test_a_folder_is_used_where_it_is(tmp_path: Path) -> None:
    made = program(tmp_path / "notes-1.0" / "notes")
    with OPENERS["dir"](tmp_path / "notes-1.0", LINUX, tmp_path / "scratch") as ready:
        assert ready.program == made


@pytest.mark.parametrize(("kind", "write"), [("tar.gz", write_tar), ("zip", write_zip)])
def test_an_archive_is_unpacked(tmp_path: Path, kind: str, write: Any) -> None:  # noqa: ANN401 - either
    folder = tmp_path / "notes-1.0"
    program(folder / "notes")
    archive, scratch = tmp_path / f"notes.{kind}", tmp_path / "scratch"
    write(folder, archive)
    scratch.mkdir()
    with OPENERS[kind](archive, LINUX, scratch) as ready:
        assert ready.program == scratch / "notes-1.0" / "notes"
        assert sys.platform == "win32" or os.access(ready.program, os.X_OK)


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_a_damaged_archive_is_said(tmp_path: Path, kind: str) -> None:
    archive = tmp_path / f"notes.{kind}"
    archive.write_bytes(b"damaged")
    with (
        pytest.raises(ArchiveError, match=r"notes\.(tar\.gz|zip) cannot be unpacked"),
        OPENERS[kind](archive, LINUX, tmp_path),
    ):
        pass


def test_nothing_is_unpacked_outside_of_the_folder(tmp_path: Path) -> None:
    archive = tmp_path / "notes.tar.gz"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../outside"))
    with pytest.raises(ArchiveError), OPENERS["tar.gz"](archive, LINUX, scratch):
        pass
    assert not (tmp_path / "outside").exists()


@POSIX_ONLY
def test_an_app_image_may_be_run(tmp_path: Path) -> None:
    image = program(tmp_path / "notes.AppImage")
    image.chmod(0o644)
    with OPENERS["AppImage"](image, LINUX, tmp_path) as ready:
        assert ready.program == image
        assert os.access(image, os.X_OK)


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
def test_a_debian_package_is_unpacked(tmp_path: Path) -> None:
    root = tmp_path / "root"
    program(root / "opt" / "Notes" / "notes")
    control = root / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(
        "Package: notes\nVersion: 1\nArchitecture: all\nMaintainer: Z <z@example.org>\n"
        "Description: notes\n",
        encoding="utf-8",
    )
    package, scratch = tmp_path / "notes.deb", tmp_path / "scratch"
    subprocess.run(["dpkg-deb", "--build", root, package], check=True, capture_output=True)
    with OPENERS["deb"](package, LINUX, scratch) as ready:
        assert ready.program == scratch / "opt" / "Notes" / "notes"
    package.write_bytes(package.read_bytes()[:200])
    with pytest.raises(ToolError, match=r"Opening notes\.deb failed"):
        OPENERS["deb"](package, LINUX, tmp_path / "other").__enter__()


@POSIX_ONLY
def test_a_disk_image_is_mounted_and_unmounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a made-up macOS whose hdiutil notes what it is told."""
    told = tmp_path / "told"
    hdiutil = program(tmp_path / "bin" / "hdiutil")
    hdiutil.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {told}\n', encoding="utf-8")
    monkeypatch.setenv("PATH", f"{hdiutil.parent}:{os.environ['PATH']}")
    image, scratch = tmp_path / "notes.dmg", tmp_path / "scratch"
    scratch.mkdir()
    with (
        pytest.raises(VerificationError, match="no application"),
        OPENERS["dmg"](image, Application("macos", "notes"), scratch),
    ):
        pass
    volume = scratch / "volume"
    assert told.read_text(encoding="utf-8").splitlines() == [
        f"attach -nobrowse -readonly -mountpoint {volume} {image}",
        f"detach -force {volume}",
    ]


def test_an_installer_is_run_and_its_work_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "in stalled" / "installed"
    commands: list[str] = []

    def install(command: str, **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        if len(commands) == 1:
            program(installed / "Notes.exe")
            program(installed / "Uninstall Notes.exe")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", install)
    package = tmp_path / "notes.exe"
    with OPENERS["nsis"](package, Application("windows", "notes"), installed.parent) as ready:
        assert ready.program == installed / "Notes.exe"
        assert len(commands) == 1
    assert commands == [
        f'"{package}" /S /currentuser /D={installed}',
        f'"{installed / "Uninstall Notes.exe"}" /S /currentuser _?={installed}',
    ]


def test_an_installer_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess[str]("x", 2)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with (
        pytest.raises(VerificationError, match="could not be installed") as caught,
        OPENERS["nsis"](tmp_path / "notes.exe", Application("windows", "notes"), tmp_path),
    ):
        pass
    assert "ended with 2" in caught.value.why


@pytest.mark.parametrize(
    "links", [{"a": "b", "b": ".."}, {"d/up": "..", "x": "d/up/.."}, {"a": "/etc"}]
)
def test_links_of_an_archive_that_lead_out_are_refused(
    tmp_path: Path, links: dict[str, str]
) -> None:
    package = tmp_path / "notes.tar.gz"
    with tarfile.open(package, "w:gz") as archive:
        for name, target in links.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(ArchiveError), OPENERS["tar.gz"](package, LINUX, scratch):
        pass
    assert not list(scratch.iterdir())
