from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.cache import Cache
from build_support.desktop import release
from build_support.desktop.release import Archive, archive_for, fetch_archive, source_of
from build_support.errors import IntegrityError, UnreachableError, UsageError
from build_support.target import TARGETS
from tests.servers import Reply, Server, refusing_port, serving
from tests.unit.build_support.conftest import Content, Said

ARCHIVE = Archive("45.4.1", "electron-v45.4.1-linux-x64.zip", "0" * 64, "https://github.com/e/")


@pytest.mark.parametrize("target", TARGETS.values(), ids=str)
def test_every_target_has_an_archive(target: object) -> None:
    archive = archive_for(TARGETS[str(target)])
    assert archive.file.startswith(f"electron-v{archive.version}-")
    assert len(bytes.fromhex(archive.sha256)) == 32
    assert archive.official.startswith("https://github.com/")
    assert archive.official.endswith("/")


def test_the_archives_are_those_of_the_npm_package() -> None:
    wanted = json.loads((ROOT / "electron" / "package.json").read_text())["devDependencies"]
    assert {archive_for(target).version for target in TARGETS.values()} == {wanted["electron"]}
    sums = ROOT / "electron" / "node_modules" / "electron" / "checksums.json"
    if sums.exists():
        known = json.loads(sums.read_text())
        for target in TARGETS.values():
            archive = archive_for(target)
            assert known[archive.file] == archive.sha256


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "https://github.com/e/v45.4.1/electron-v45.4.1-linux-x64.zip"),
        (
            {"ELECTRON_MIRROR": "https://m/"},
            "https://m/v45.4.1/electron-v45.4.1-linux-x64.zip",
        ),
        (
            {"ELECTRON_MIRROR": "https://m/", "ELECTRON_CUSTOM_DIR": "{{ version }}"},
            "https://m/45.4.1/electron-v45.4.1-linux-x64.zip",
        ),
        (
            {"npm_config_electron_mirror": "https://n/", "ELECTRON_MIRROR": "https://m/"},
            "https://n/v45.4.1/electron-v45.4.1-linux-x64.zip",
        ),
        (
            {"ELECTRON_CUSTOM_FILENAME": "e.zip", "npm_config_electron_custom_dir": "x"},
            "https://github.com/e/x/e.zip",
        ),
        (
            {"npm_config_electron_customdir": "y", "npm_config_electron_custom_dir": "x"},
            "https://github.com/e/y/electron-v45.4.1-linux-x64.zip",
        ),
        ({"ELECTRON_MIRROR": "  "}, "https://github.com/e/v45.4.1/electron-v45.4.1-linux-x64.zip"),
        (
            {"ELECTRON_MIRROR": "http://127.0.0.1:9/"},
            "http://127.0.0.1:9/v45.4.1/electron-v45.4.1-linux-x64.zip",
        ),
    ],
)
def test_where_an_archive_is_asked_for(variables: Mapping[str, str], url: str) -> None:
    assert source_of(ARCHIVE, variables).url == url


@pytest.mark.parametrize("mirror", ["http://example.org/", "ftp://example.org/", "example.org"])
def test_a_mirror_that_may_not_be_used(mirror: str) -> None:
    with pytest.raises(UsageError) as caught:
        source_of(ARCHIVE, {"ELECTRON_MIRROR": mirror})
    assert "ELECTRON_MIRROR" in caught.value.what
    assert "electron-v45.4.1-linux-x64.zip" in caught.value.hint


def test_a_password_of_a_mirror_is_not_shown() -> None:
    mirror = {"ELECTRON_MIRROR": "http://me:secret@example.org/"}
    with pytest.raises(UsageError) as caught:
        source_of(ARCHIVE, mirror)
    assert "secret" not in str(caught.value)
    allowed = source_of(ARCHIVE, {"ELECTRON_MIRROR": "https://me:secret@example.org/"})
    assert "secret" not in repr(allowed)


def _archive(content: Content) -> Archive:
    return Archive("45.4.1", "electron.zip", content.sha256, "https://github.com/e/")


def test_an_archive_is_fetched_once(cache: Cache, content: Content, said: Said) -> None:
    with Server(serving(content.data)) as server:
        mirror = {"ELECTRON_MIRROR": f"{server.url}/"}
        for _ in range(2):
            path = fetch_archive(
                _archive(content), cache=cache, reporter=said.reporter, environment=mirror
            )
            assert content.is_whole_and_alone(path)
    assert [request.target for request in server.requests] == ["/v45.4.1/electron.zip"]


def test_another_archive_than_the_pinned_one_is_refused(
    cache: Cache, content: Content, said: Said
) -> None:
    with Server(lambda _: Reply(body=b"other")) as server, pytest.raises(IntegrityError):
        fetch_archive(
            _archive(content),
            cache=cache,
            reporter=said.reporter,
            environment={"ELECTRON_MIRROR": f"{server.url}/"},
        )
    assert hashlib.sha256(b"other").hexdigest() != content.sha256
    assert not cache.archive(content.sha256, "electron.zip").exists()


def test_a_source_out_of_reach_is_remembered_for_an_hour(
    cache: Cache, content: Content, said: Said
) -> None:
    archive = _archive(content)
    with refusing_port() as port:
        mirror = {"ELECTRON_MIRROR": f"http://127.0.0.1:{port}/"}
        with pytest.raises(UnreachableError):
            fetch_archive(
                archive, cache=cache, reporter=said.reporter, environment=mirror, patient=False
            )
    assert not release.was_unreachable(archive, cache, mirror)
    release.remember_unreachable(archive, cache, mirror)
    assert release.was_unreachable(archive, cache, mirror)
    assert not release.was_unreachable(archive, cache, {})
    [mark] = (cache.root / "electron").iterdir()
    os.utime(mark, (time.time() - 3601,) * 2)
    assert not release.was_unreachable(archive, cache, mirror)


def test_an_archive_of_a_folder_of_files(tmp_path: Path, cache: Cache, content: Content) -> None:
    folder = tmp_path / "mirror" / "v45.4.1"
    folder.mkdir(parents=True)
    (folder / "electron.zip").write_bytes(content.data)
    path = fetch_archive(
        _archive(content),
        cache=cache,
        reporter=Said().reporter,
        environment={"ELECTRON_MIRROR": f"{folder.parent.as_uri()}/"},
    )
    assert content.is_whole_and_alone(path)
