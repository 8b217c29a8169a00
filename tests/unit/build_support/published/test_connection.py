from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support.errors import DownloadError, UnreachableError
from build_support.published.download import download
from build_support.published.limits import Limits
from build_support.published.retry import Retry
from build_support.published.sources import Source
from tests.servers import Reply, Server, refusing_port, sequence

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Content, Fetch, Said

SHORT = Limits(connect=5.0, read=2.0, total=60.0)


def test_redirects_are_followed_without_the_password(
    fetch: Fetch, site: Server, destination: Path, content: Content
) -> None:
    answers = sequence(Reply(302, {"Location": "/b"}), Reply(307, {"Location": f"{site.url}/c"}))
    with Server(answers) as server:
        fetch(server.url.replace("://", "://user:secret@") + "/a")
    assert [request.target for request in server.requests] == ["/a", "/b"]
    assert all("authorization" in request.headers for request in server.requests)
    assert "authorization" not in site.requests[0].headers
    assert destination.read_bytes() == content.data


def test_a_redirect_loop_ends(fetch: Fetch) -> None:
    with (
        Server(lambda _: Reply(302, {"Location": "/again"})) as server,
        pytest.raises(DownloadError) as caught,
    ):
        fetch(server.url)
    assert "redirect loop" in caught.value.why
    assert len(server.requests) == 11


@pytest.mark.parametrize(
    "place", ["http://example.org/file", "file:///etc/passwd", "ftp://example.org/file"]
)
def test_a_redirect_to_an_open_connection_is_refused(fetch: Fetch, place: str) -> None:
    with (
        Server(lambda _: Reply(302, {"Location": place})) as server,
        pytest.raises(DownloadError) as caught,
    ):
        fetch(server.url)
    assert type(caught.value) is DownloadError
    assert "not https" in caught.value.why
    assert len(server.requests) == 1


@pytest.mark.parametrize("place", ["http://[bad", "https://"])
def test_a_redirect_to_nonsense_is_explained(fetch: Fetch, place: str) -> None:
    with Server(lambda _: Reply(302, {"Location": place})) as server, pytest.raises(DownloadError):
        fetch(server.url, retry=Retry(attempts=1))


def test_a_redirect_to_an_unreachable_host_was_an_answer(fetch: Fetch) -> None:
    with (
        refusing_port() as port,
        Server(lambda _: Reply(302, {"Location": f"http://127.0.0.1:{port}/"})) as server,
        pytest.raises(DownloadError) as caught,
    ):
        fetch(server.url, retry=Retry(attempts=2))
    assert type(caught.value) is DownloadError


def test_a_refused_connection_is_unreachable(fetch: Fetch, pauses: list[float]) -> None:
    with refusing_port() as port, pytest.raises(UnreachableError) as caught:
        fetch(f"http://127.0.0.1:{port}/")
    assert "refused" in caught.value.why
    assert len(pauses) == Retry().connect_attempts - 1


def test_impatient_one_attempt_is_enough(fetch: Fetch, pauses: list[float]) -> None:
    with refusing_port() as port, pytest.raises(UnreachableError):
        fetch(f"http://127.0.0.1:{port}/", retry=Retry(connect_attempts=1))
    assert pauses == []


def test_a_name_without_an_address_is_unreachable(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnreachableError) as caught:
        fetch("https://nothing.invalid/file")
    assert "nothing.invalid" in caught.value.why
    assert "not known" in caught.value.why


def test_a_name_server_that_says_nothing_is_not_waited_for(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def silent(*_: object, **__: object) -> None:
        released.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    try:
        with pytest.raises(UnreachableError) as caught:
            fetch(
                "https://nothing.invalid/file",
                limits=Limits(connect=0.1),
                retry=Retry(connect_attempts=1),
            )
    finally:
        released.set()
        for thread in threading.enumerate():
            if thread.name == "djdesk-request":
                thread.join(60)
    assert "not there after 0.1 s" in caught.value.why


def test_an_answer_after_giving_up_is_closed(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, site: Server
) -> None:
    released = threading.Event()
    real = socket.getaddrinfo

    def late(*arguments: object, **keywords: object) -> object:
        released.wait(20)
        return real(*arguments, **keywords)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(socket, "getaddrinfo", late)
    with pytest.raises(UnreachableError):
        fetch(site.url, limits=Limits(connect=0.1), retry=Retry(connect_attempts=1))
    released.set()
    for thread in threading.enumerate():
        if thread.name == "djdesk-request":
            thread.join(60)


@pytest.mark.skipif(
    sys.platform != "linux", reason="others refuse what a full queue has no room for"
)
def test_dropped_packets_are_unreachable(fetch: Fetch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        try:
            for connection in waiting:
                connection.setblocking(False)
                connection.connect_ex(address)
            with pytest.raises(UnreachableError):
                fetch(
                    f"http://127.0.0.1:{address[1]}/",
                    limits=Limits(connect=0.3, address=0.2, read=0.2),
                    retry=Retry(attempts=1, connect_attempts=1),
                )
        finally:
            for connection in waiting:
                connection.close()


def test_a_server_that_hangs_up_was_reached(fetch: Fetch) -> None:
    answer = Reply(body=b"x" * 10, cut_after=0, length=10)
    with Server(lambda _: answer) as server, pytest.raises(DownloadError) as caught:
        fetch(server.url, retry=Retry(attempts=2))
    assert type(caught.value) is DownloadError


def test_answered_once_is_answered(destination: Path, said: Said) -> None:
    with Server(lambda _: Reply(503)) as server:
        url = server.url

        def stop_after_first(_: float) -> None:
            server.__exit__(None, None, None)

        with pytest.raises(DownloadError) as caught:
            download(
                Source("it", url),
                destination,
                sha256="0" * 64,
                reporter=said.reporter,
                limits=SHORT,
                retry=Retry(attempts=2, connect_attempts=2),
                sleep=stop_after_first,
            )
    assert type(caught.value) is DownloadError
