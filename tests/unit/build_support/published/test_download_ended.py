from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support.published.download import download
from build_support.published.sources import Source
from tests.servers import Server, sequence, serving

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Content, Fetch, Said

ROOT = Path(__file__).resolve().parents[4]


def test_ctrl_c_keeps_the_part(
    destination: Path, content: Content, said: Said, fetch: Fetch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    answers = sequence(serving(content.data, cut_after=300_000), serving(content.data))
    with Server(answers) as server:
        with pytest.raises(KeyboardInterrupt):
            download(
                Source("it", f"{server.url}/file"),
                destination,
                sha256=content.sha256,
                reporter=said.reporter,
                sleep=interrupt,
            )
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert server.sent == [300_000, 700_000]


CHILD = """
import sys
from pathlib import Path
from contextlib import contextmanager
from build_support.published.download import download
from build_support.errors import BuildError
from build_support.reporter import Reporter
from build_support.published.sources import Source

class Telling(Reporter):
    @contextmanager
    def download(self, title, total, done=0):
        come = done
        def advance(count):
            nonlocal come
            come += count
            print(come, flush=True)
        yield advance

url, destination, sha256, limit = sys.argv[1:]
if limit != "0":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
try:
    download(Source("it", url), Path(destination), sha256=sha256, reporter=Telling())
except BuildError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def child(server: Server, destination: Path, sha256: str, limit: int = 0) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", CHILD, f"{server.url}/file", str(destination), sha256]
    return subprocess.Popen(
        [*words, str(limit)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_killed_download_is_resumed(fetch: Fetch, destination: Path, content: Content) -> None:
    stalled = serving(content.data, stall_after=600_000)
    with Server(sequence(stalled, serving(content.data))) as server:
        with child(server, destination, content.sha256) as process:
            assert process.stdout is not None
            while process.stdout.readline().strip() != "600000":
                assert process.poll() is None
            process.kill()
        if sys.platform != "win32":
            assert process.returncode == -signal.SIGKILL
        assert not destination.exists()
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert server.requests[1].headers["range"] == "bytes=600000-"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_explained_and_what_fitted_is_kept(
    fetch: Fetch, destination: Path, content: Content
) -> None:
    with Server(serving(content.data)) as server:
        with child(server, destination, content.sha256, limit=400_000) as process:
            _, said = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "BuildError: " in said
        assert "Traceback" not in said
        assert not destination.exists()
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert server.requests[1].headers["range"] == "bytes=400000-"
