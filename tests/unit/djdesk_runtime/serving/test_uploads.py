"""What a request brings: kept as long as there is room, else answered with a page."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from djdesk_runtime.serving import uploads
from djdesk_runtime.serving.uploads import UploadLimits, amount, delete_unfinished
from tests.unit.djdesk_runtime.serving.in_process import Answer, Connection, serving, wait_until

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST = 2_000_000
ROOM = 5_000_000
FITS, LARGE = b"x" * MOST, b"x" * (MOST + 1)


class Application:
    """Says how much came, and notes down each time that it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.files: list[int] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked.append(environ["REQUEST_METHOD"])
        body = environ["wsgi.input"]
        count = 0
        while piece := body.read(100_000):
            count += len(piece)
        start_response("200 OK", [])
        return [str(count).encode()]


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def port(application: Application, tmp_path: Path) -> Iterator[int]:
    with serving(application, UploadLimits(tmp_path, MOST)) as number:
        yield number


def chunked(body: bytes) -> bytes:
    size = 50_000
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def upload(port: int, body: bytes, *, in_chunks: bool) -> Answer:
    """Send all of it and only then read, as a browser does."""
    with Connection(port) as line:
        if in_chunks:
            answer = line.ask("POST", "/", "Transfer-Encoding: chunked", body=chunked(body))
        else:
            answer = line.ask("POST", "/", f"Content-Length: {len(body)}", body=body)
        if answer.status == 200:
            assert line.ask("GET", "/").body == b"0"
        else:
            assert line.is_closed()
        return answer


@pytest.mark.parametrize("in_chunks", [False, True])
def test_what_fits_is_taken(port: int, *, in_chunks: bool) -> None:
    assert upload(port, FITS, in_chunks=in_chunks).body == str(MOST).encode()


@pytest.mark.parametrize("in_chunks", [False, True])
def test_what_is_too_large_is_answered_with_a_page(
    port: int, application: Application, *, in_chunks: bool
) -> None:
    answer = upload(port, LARGE, in_chunks=in_chunks)
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"2 MB" in answer.body
    assert application.asked == []


def test_what_is_too_large_is_not_asked_for(port: int, application: Application) -> None:
    with Connection(port) as line:
        answer = line.ask("POST", "/", f"Content-Length: {MOST + 1}", "Expect: 100-continue")
        assert (answer.status, answer.informational) == (413, [])
        assert line.is_closed()
    assert application.asked == []


@pytest.mark.parametrize("length", [1 << 43, 10**25])
def test_an_absurd_length_is_not_waited_for(length: int) -> None:
    with serving(Application()) as port, Connection(port) as line:
        assert line.ask("POST", "/", f"Content-Length: {length}").status == 413
        assert line.is_closed()


def test_there_is_no_limit_unless_one_is_set(tmp_path: Path) -> None:
    with serving(Application(), UploadLimits(tmp_path)) as port:
        assert upload(port, LARGE * 5, in_chunks=False).status == 200


@contextmanager
def free(monkeypatch: pytest.MonkeyPatch, count: int) -> Iterator[None]:
    """Let a disk have so many bytes free beyond the reserve."""
    usage = SimpleNamespace(total=1 << 50, free=count + uploads.RESERVE_BYTES)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: usage)
        yield


@pytest.mark.parametrize("in_chunks", [False, True])
def test_what_the_disk_has_no_room_for_is_answered_with_a_page(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_chunks: bool
) -> None:
    monkeypatch.setattr(uploads, "LOOK_BYTES", 100_000)
    with free(monkeypatch, MOST - 1), serving(application, UploadLimits(tmp_path)) as port:
        answer = upload(port, FITS, in_chunks=in_chunks)
    assert answer.status == 507
    assert b"space" in answer.body
    assert application.asked == []


def test_room_for_two_copies_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        free(monkeypatch, 2 * MOST),
        serving(Application(), UploadLimits(tmp_path)) as port,
    ):
        assert upload(port, FITS, in_chunks=False).status == 200


def test_a_disk_that_says_nothing_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: Path) -> None:
        raise OSError("unknown")

    monkeypatch.setattr(shutil, "disk_usage", unknown)
    with serving(Application(), UploadLimits(tmp_path)) as port:
        assert upload(port, FITS, in_chunks=False).status == 200


def test_a_disk_that_is_full_all_the_same_is_answered_with_a_page(
    application: Application, tmp_path: Path
) -> None:
    """A folder that is not there stands in for it."""
    with serving(application, UploadLimits(tmp_path / "none")) as port:
        assert upload(port, FITS, in_chunks=False).status == 507
    assert application.asked == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("goes", [False, True])
def test_nothing_stays_on_the_disk(port: int, tmp_path: Path, *, goes: bool) -> None:
    def open_files() -> int:
        links = (os.path.realpath(link) for link in Path("/proc/self/fd").iterdir())
        return sum(link.startswith(str(tmp_path)) for link in links)

    with Connection(port) as line:
        line.send("POST", "/", f"Content-Length: {MOST}", body=FITS[:-1])
        wait_until(lambda: open_files() == 1)
        if not goes:
            line.socket.sendall(b"x")
            assert line.read().status == 200
            assert line.ask("GET", "/").status == 200
            assert open_files() == 0
    wait_until(lambda: open_files() == 0)
    assert [*tmp_path.iterdir()] == []


def test_what_a_killed_server_left_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "tmpabc.upload").write_bytes(b"half")
    delete_unfinished(tmp_path)
    assert [*tmp_path.iterdir()] == []
    delete_unfinished(tmp_path / "none")


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1_500_000, "1.5 MB"),
     (2_000_000_000, "2 GB"), (1 << 42, "4.4 TB")],
)  # fmt: skip
def test_amounts_are_told_in_three_digits_and_a_unit(count: int, said: str) -> None:
    assert amount(count) == said
