from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import unix
from tests.unit.build_support.debian import archive as debian_archive
from tests.unit.build_support.debian.archive import (
    Key,
    made_key,
    needs_apt,
    needs_gpg,
    usual_archive,
)
from tests.unit.build_support.debian.machine import Machine, make_machine

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said


@pytest.fixture(scope="module")
def key() -> Iterator[Key]:
    with made_key() as made:
        yield made


@pytest.fixture
def signed(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> Iterator[debian_archive.Archive]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with usual_archive(tmp_path / "served", key) as made:
        yield made


@pytest.fixture
def open_machine(signed: debian_archive.Archive, key: Key, said: Said) -> Iterator[Machine]:
    """A machine whose cache every user can reach and write (pytest's folders are private)."""
    folder = Path(tempfile.mkdtemp(prefix="djdesk ü.", dir="/tmp"))
    for place in (folder, folder / "cache", folder / "cache" / "debian"):
        place.mkdir(exist_ok=True)
        place.chmod(0o1777)
    before = os.umask(0)
    try:
        source = f"deb [signed-by={key.public}] {signed.url} bookworm main\n"
        yield make_machine(folder, said, source)
    finally:
        os.umask(before)
        shutil.rmtree(folder)


@needs_apt
@needs_gpg
@pytest.mark.parametrize(
    "user",
    [
        None,
        pytest.param(
            65534,
            marks=pytest.mark.skipif(unix.geteuid() != 0, reason="only root can become another"),
        ),
    ],
)
def test_the_real_apt_from_sources_to_package_files(
    open_machine: Machine,
    signed: debian_archive.Archive,
    monkeypatch: pytest.MonkeyPatch,
    user: int | None,
) -> None:
    machine = open_machine
    # Every user may write there, so that apt can be another one: no cache would be trusted so far.
    monkeypatch.setattr("build_support.cache.require_own", lambda *_: None)
    if user is not None:
        as_user = partial(subprocess.run, user=user, group=user, extra_groups=[])
        monkeypatch.setattr(subprocess, "run", as_user)
    resolution = machine.resolve()
    assert [package.name for package in resolution.packages] == ["libc6", "python3.14"]
    folder = machine.download(resolution)
    assert sorted(path.name for path in folder.iterdir()) == [
        "libc6_1%3a2.43+x-7_amd64.deb",
        "python3.14_3.14.99-1_amd64.deb",
    ]
    if user is not None:
        assert {path.stat().st_uid for path in folder.iterdir()} == {user}
    asked = len(signed.requests)
    assert machine.download(machine.resolve()) == folder
    assert len(signed.requests) == asked
