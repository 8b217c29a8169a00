from __future__ import annotations

import os
import shutil
import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from build_support.desktop.unzip import unzip
from build_support.errors import ArchiveError

_FILE, _LINK, _FOLDER = stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR


def _archive(folder: Path, *members: tuple[str, int, str]) -> Path:
    path = folder / "electron.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, mode, content in members:
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            archive.writestr(member, content)
    return path


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.mark.skipif(os.name == "nt", reason="modes and links are POSIX's")
def test_modes_and_links_are_kept(tmp_path: Path, into: Path) -> None:
    archive = _archive(
        tmp_path,
        ("A.app/Frameworks/A", _LINK | 0o777, "Versions/Current/A"),
        ("A.app/Frameworks/Versions/Current", _LINK | 0o777, "A"),
        ("A.app/Frameworks/Versions/A/", _FOLDER | 0o755, ""),
        ("A.app/Frameworks/Versions/A/A", _FILE | 0o750, "run"),
        ("version", _FILE | 0o664, "45.4.1"),
        ("up", _LINK | 0o777, "A.app/../version"),
        ("from-windows", 0, "x"),
    )
    unzip(archive, into)
    assert (into / "A.app" / "Frameworks" / "A").read_text() == "run"
    assert (into / "up").read_text() == "45.4.1"
    modes = {name: stat.S_IMODE((into / name).stat().st_mode) for name in ("version", "up")}
    assert modes == {"version": 0o644, "up": 0o644}
    assert stat.S_IMODE((into / "A.app/Frameworks/Versions/A/A").stat().st_mode) == 0o755
    assert (into / "A.app" / "Frameworks" / "Versions" / "Current").is_symlink()


@pytest.mark.parametrize(
    "name", ["../out", "/out", "a/../../out", "a\\..\\..\\out", "C:out", "C:/out"]
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, into: Path, name: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        unzip(_archive(tmp_path, (name, _FILE | 0o644, "x")), into)
    assert "electron.zip" in caught.value.what
    assert not (tmp_path / "out").exists()
    assert [*into.rglob("*")] == []


@pytest.mark.parametrize("leads_to", ["../out", "/etc", "a/../../../out", "", "x" * 2000, "..\\x"])
def test_a_link_that_leads_out_is_refused(tmp_path: Path, into: Path, leads_to: str) -> None:
    archive = _archive(tmp_path, ("link", _LINK | 0o777, leads_to))
    with pytest.raises(ArchiveError):
        unzip(archive, into)
    assert not (into / "link").is_symlink()


@pytest.mark.parametrize(
    "links",
    [
        {"a": "b", "b": ".."},
        {"a/b": "..", "c": "a/b/../.."},
        {"d/up": "..", "out": "d/up/up2", "up2": "../x"},
        {"a": "A.app/b", "A.app/b": "c/../..", "A.app/c": "d", "A.app/d": "../.."},
        {"a": "B/..", "b": "d/e"},
        {"x": "y", "y": "x"},
        {"self": "self"},
        {"a": "é/..", "e\u0301": "d/../.."},
    ],
)
def test_links_that_lead_out_by_way_of_others_are_refused(
    tmp_path: Path, into: Path, links: dict[str, str]
) -> None:
    members = [(name, _LINK | 0o777, target) for name, target in links.items()]
    for order in (members, members[::-1]):
        if links.get("b") == "d/e":  # the one set that stays inside, as a counter-check
            unzip(_archive(tmp_path, *order), into)
            shutil.rmtree(into)
            into.mkdir()
            continue
        with pytest.raises(ArchiveError):
            unzip(_archive(tmp_path, *order), into)
        assert [*into.rglob("*")] == []


@pytest.mark.parametrize("link_first", [True, False])
@pytest.mark.parametrize("name", ["link/file", "LINK/file", "link/deep/file"])
def test_nothing_is_written_through_a_link(
    tmp_path: Path, into: Path, name: str, *, link_first: bool
) -> None:
    members = [("link", _LINK | 0o777, "folder"), (name, _FILE | 0o644, "x")]
    archive = _archive(tmp_path, *(members if link_first else members[::-1]))
    with pytest.raises(ArchiveError):
        unzip(archive, into)
    assert [*into.rglob("*")] == []


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("a/b", "a"), ("a", "a/b")])
def test_a_name_that_is_there_twice_is_refused(
    tmp_path: Path, into: Path, names: tuple[str, str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of zipfile, about the name
        archive = _archive(tmp_path, *((name, _FILE | 0o644, "x") for name in names))
    with pytest.raises(ArchiveError):
        unzip(archive, into)


def test_a_damaged_archive_is_refused(tmp_path: Path, into: Path) -> None:
    archive = _archive(tmp_path, ("version", _FILE | 0o644, "45.4.1" * 100))
    content = bytearray(archive.read_bytes())
    content[45] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        unzip(archive, into)
    assert "electron.zip" in caught.value.what
    archive.write_bytes(b"<html>")
    with pytest.raises(ArchiveError):
        unzip(archive, into)
