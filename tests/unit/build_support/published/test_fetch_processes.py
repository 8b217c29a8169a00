from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import unix
from tests.servers import Server, serving

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Content

ROOT = Path(__file__).resolve().parents[4]

CHILD = """
import os, sys
from dataclasses import replace
from pathlib import Path
from build_support.cache import Cache
from build_support.errors import BuildError
from build_support.published.fetch import fetch_archive
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import find_target
import encodings.idna

url, folder, sha256, user = sys.argv[1:]
pins = load_pins()
pin = replace(pins.pin_for(find_target("linux-x86_64")), sha256=sha256)
os.chdir(folder)
if user != "0":
    os.setgroups([])
    os.setuid(int(user))
try:
    archive = fetch_archive(
        pin, replace(pins, sources=(url,)), cache=Cache(Path("cache")),
        reporter=Reporter(sys.stdout), environment={},
    )
except BuildError as error:
    sys.exit(f"{type(error).__name__}: {error}")
print("from", archive.source)
"""


def child(url: str, folder: Path, sha256: str, user: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", CHILD, url, str(folder), sha256, str(user)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_builds_share_one_download(tmp_path: Path, content: Content) -> None:
    gate = threading.Event()
    answer = serving(content.data, gate=gate)
    with Server(answer) as server, child(server.url, tmp_path, content.sha256) as first:
        assert server.asked.acquire(timeout=20)
        with child(server.url, tmp_path, content.sha256) as second:
            assert second.stdout is not None
            line = second.stdout.readline()
            gate.set()
            said, errors = second.communicate(timeout=60)
        first_said, _ = first.communicate(timeout=60)
    assert "Waiting for another build" in line
    assert (first.returncode, second.returncode) == (0, 0), errors
    assert "from the cache" in said
    assert f"from 127.0.0.1:{server.port}" in first_said
    assert len(server.requests) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a folder's mode means nothing there")
@pytest.mark.parametrize("made", [False, True])
def test_a_read_only_cache_is_explained(
    tmp_path: Path, site: Server, content: Content, *, made: bool
) -> None:
    locked = tmp_path / "locked"
    (locked / "cache" / "archives" if made else locked).mkdir(parents=True)
    for folder in [locked, *locked.rglob("*")]:
        folder.chmod(0o555)
    user = 65534 if unix.getuid() == 0 else 0  # to root, modes mean nothing
    try:
        with child(site.url, locked, content.sha256, user) as process:
            _, said = process.communicate(timeout=60)
    finally:
        for folder in [locked, *locked.rglob("*")]:
            folder.chmod(0o755)
    assert process.returncode == 1
    assert said.startswith("BuildError: Could not write or read")
    assert "DJDESK_CACHE_DIR" in said
    assert site.requests == []
