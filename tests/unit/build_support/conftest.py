from __future__ import annotations

import hashlib
import io
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from build_support.published.download import download
from build_support.published.limits import Limits
from build_support.published.retry import Retry
from build_support.published.sources import Source
from build_support.reporter import Reporter
from tests.servers import Server, serving

_NETWORK_VARIABLES = {
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("ssl_cert_file", "ssl_cert_dir", "djdesk_python_mirror", "uv_python_install_mirror"),
}


@pytest.fixture(autouse=True)
def _own_network_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the machine's environment says about proxies, certificates and mirrors."""
    for name in list(os.environ):
        if name.lower() in _NETWORK_VARIABLES:
            monkeypatch.delenv(name)


Fetch = Callable[..., None]


@dataclass(frozen=True)
class Content:
    """The bytes that the test servers serve: 1 MB that does not repeat."""

    data: bytes
    sha256: str

    def is_whole_and_alone(self, path: Path) -> bool:
        """Whether a file has these bytes, and its folder nothing else."""
        names = [each.name for each in path.parent.iterdir()]
        return path.read_bytes() == self.data and names == [path.name]


@pytest.fixture(scope="session")
def content() -> Content:
    data = random.Random(314).randbytes(1_000_000)
    return Content(data, hashlib.sha256(data).hexdigest())


@dataclass
class Said:
    """A reporter that writes plain lines to a text."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def reporter(self) -> Reporter:
        return Reporter(self.stream)

    @property
    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def sleep(pauses: list[float]) -> Callable[[float], None]:
    """A sleep that takes no time and notes what was asked for in `pauses`."""
    return pauses.append


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "cpython.tar.gz"


@pytest.fixture
def fetch(destination: Path, content: Content, said: Said, sleep: Callable[[float], None]) -> Fetch:
    """Return `fetch(url, limits=…, retry=…)`: download `content` to `destination`."""
    short = Limits(connect=5.0, read=3.0, total=60.0)

    def fetch(url: str, *, limits: Limits = short, retry: Retry | None = None) -> None:
        download(
            Source("the test server", url),
            destination,
            sha256=content.sha256,
            reporter=said.reporter,
            limits=limits,
            retry=retry or Retry(),
            sleep=sleep,
        )

    return fetch


@pytest.fixture
def site(content: Content) -> Iterator[Server]:
    """A server that does everything right."""
    with Server(serving(content.data)) as server:
        yield server


@pytest.fixture
def tls_site(content: Content) -> Iterator[Server]:
    """The same with https, and a certificate that nobody trusts."""
    with Server(serving(content.data), tls=True) as server:
        yield server
