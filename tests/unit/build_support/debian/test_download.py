from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support import debian
from build_support.cache import Cache
from build_support.debian.resolution import Package, Resolution
from build_support.errors import IntegrityError, ToolError

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said

#: Of the same name as the function in the package, and so not to be imported from there.
_MODULE = import_module("build_support.debian.download")

Download = Callable[[Resolution], Path]


def _package(name: str) -> Package:
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return Package(name, "1", "amd64", f"{name}_1_amd64.deb", len(name), sha256, f"pool/{name}")


def _resolution(*names: str) -> Resolution:
    return Resolution("3.14.10", "sid", tuple(map(_package, names)))


@pytest.fixture
def fetched() -> list[str]:
    return []


@pytest.fixture
def download(
    tmp_path: Path, said: Said, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> Download:
    def fetch(_: object, packages: list[Package], folder: Path) -> None:
        for package in packages:
            if package.name == "unreachable":
                raise ToolError("The download failed.")
            fetched.append(package.name)
            content = "other" if package.name == "tampered" else package.name
            (folder / package.file).write_text(content, encoding="utf-8")

    monkeypatch.setattr(_MODULE, "fetch", fetch)
    etc_apt = tmp_path / "apt"
    etc_apt.mkdir()
    (etc_apt / "sources.list").write_text("deb http://m.example.org/debian sid main\n", "utf-8")

    def download(resolution: Resolution) -> Path:
        return debian.download(
            resolution,
            cache=Cache(tmp_path / "cache"),
            reporter=said.reporter,
            etc_apt=etc_apt,
            os_release=tmp_path / "none",
        )

    return download


def _names(folder: Path) -> list[str]:
    return sorted(path.name.partition("_")[0] for path in folder.iterdir())


def test_the_folder_has_exactly_the_packages(download: Download, fetched: list[str]) -> None:
    folder = download(_resolution("one", "two"))
    assert _names(folder) == ["one", "two"]
    (folder / "three_1_amd64.deb").touch()
    (folder / "partial").mkdir()
    assert download(_resolution("one", "two")) == folder
    assert _names(folder) == ["one", "two"]
    assert fetched == ["one", "two"]


def test_only_missing_and_damaged_files_come_again(download: Download, fetched: list[str]) -> None:
    folder = download(_resolution("one", "two", "three"))
    fetched.clear()
    (folder / "one_1_amd64.deb").unlink()
    (folder / "two_1_amd64.deb").write_text("tw", encoding="utf-8")
    download(_resolution("one", "two", "three"))
    assert fetched == ["one", "two"]
    assert (folder / "two_1_amd64.deb").read_text(encoding="utf-8") == "two"


def test_unchanged_packages_are_taken_from_an_older_resolution(
    download: Download, fetched: list[str]
) -> None:
    older = download(_resolution("one", "two"))
    newer = download(_resolution("one", "three"))
    assert fetched == ["one", "two", "three"]
    assert (_names(older), _names(newer)) == (["one", "two"], ["one", "three"])


def test_a_file_with_other_bytes_is_refused_and_not_kept(
    download: Download, tmp_path: Path
) -> None:
    with pytest.raises(IntegrityError) as caught:
        download(_resolution("one", "tampered"))
    assert hashlib.sha256(b"other").hexdigest() in caught.value.why
    assert not list((tmp_path / "cache").rglob("tampered*"))


def test_what_came_before_a_failure_leaves_no_halves(download: Download, tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        download(_resolution("one", "unreachable"))
    assert not list((tmp_path / "cache").rglob("*.deb"))
    assert not list((tmp_path / "cache").rglob("partial"))


def test_packages_that_nobody_asked_for_in_a_while_are_deleted(download: Download) -> None:
    older = download(_resolution("one"))
    recent = download(_resolution("two"))
    os.utime(older, (0, 0))
    newer = download(_resolution("three"))
    assert not older.exists()
    assert recent.exists()
    os.utime(newer, (0, 0))
    assert download(_resolution("three")).exists()
    assert newer.stat().st_mtime > 0
