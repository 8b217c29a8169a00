"""What is refused costs nothing: no thread, and no connection of anybody else's."""

import errno
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from waitress import wasyncore

from djdesk_runtime.serving import server as server_module
from djdesk_runtime.serving import workers
from tests.unit.djdesk_runtime.made_bundle import LIMIT_SECONDS
from tests.unit.djdesk_runtime.serving.in_process import Connection, serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STRANGERS = 400
REFUSED = b"GET /refused HTTP/1.1\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nX-Na"


class Application:
    """Answers at once, or when it is told to go on."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.going_on = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/long":
            self.begun.release()
            self.going_on.wait(LIMIT_SECONDS)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"page"]


@dataclass
class Busy:
    """A server all of whose threads are taken; *known* is a connection that is idle."""

    port: int
    known: Connection
    visitors: list[Connection]
    application: Application

    def go_on(self) -> None:
        self.application.going_on.set()


@pytest.fixture
def busy() -> Iterator[Busy]:
    application = Application()
    with ExitStack() as opened:
        port = opened.enter_context(serving(application))
        opened.callback(application.going_on.set)
        known = opened.enter_context(Connection(port))
        assert known.ask("GET", "/").status == 200
        visitors = [opened.enter_context(Connection(port)) for _ in range(workers.PAGES)]
        for visitor in visitors:
            visitor.send("GET", "/long")
        for _ in visitors:
            assert application.begun.acquire(timeout=LIMIT_SECONDS)
        yield Busy(port, known, visitors, application)
        application.going_on.set()
        for visitor in visitors:
            assert visitor.read().body == b"page"


@pytest.fixture
def port() -> Iterator[int]:
    with serving(Application()) as number:
        yield number


def test_strangers_are_refused_while_all_threads_are_busy(busy: Busy) -> None:
    for _ in range(STRANGERS):
        with Connection(busy.port) as stranger:
            assert stranger.ask("GET", "/refused").status == 403
            assert stranger.is_closed()


def test_what_is_malformed_is_refused_while_all_threads_are_busy(busy: Busy) -> None:
    with Connection(busy.port) as stranger:
        stranger.socket.sendall(b"no request\r\n\r\n")
        assert stranger.read().status == 400


@pytest.mark.parametrize("said", [b"", HALF, REFUSED, REFUSED * 100])
def test_strangers_close_no_connection_of_others(busy: Busy, said: bytes) -> None:
    with ExitStack() as opened:
        waiting = opened.enter_context(Connection(busy.port))
        waiting.send("GET", "/")
        for _ in range(STRANGERS):
            opened.enter_context(Connection(busy.port)).socket.sendall(said)
        late = opened.enter_context(Connection(busy.port))
        late.send("GET", "/")
        busy.go_on()
        assert waiting.read().status == 200
        assert late.read().status == 200
        assert busy.known.ask("GET", "/").status == 200


def test_who_says_something_again_and_again_is_kept_no_longer(port: int) -> None:
    with ExitStack() as opened:
        first = opened.enter_context(Connection(port))
        first.socket.sendall(b"GET / HTTP/1.1\r\n")
        for number in range(server_module.MOST_CONNECTIONS + 1):
            opened.enter_context(Connection(port))
            if number == server_module.MOST_CONNECTIONS // 2:
                first.socket.sendall(b"X-Name: value\r\n")
        assert first.is_closed()


def test_strangers_are_not_kept_for_long(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with Connection(port) as known, Connection(port) as stranger:
        assert known.ask("GET", "/").status == 200
        monkeypatch.setattr(server_module, "STRANGERS_END", 0)
        stranger.socket.sendall(HALF)
        assert stranger.is_closed()
        assert known.ask("GET", "/").status == 200


def test_a_lack_of_files_ends_when_strangers_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error stands in for the lack: a real one would be that of the tests as well."""
    lacking = threading.Event()
    accept = wasyncore.dispatcher.accept

    def fails(self: wasyncore.dispatcher) -> object:
        if lacking.is_set():
            lacking.clear()
            raise OSError(errno.EMFILE, "Too many open files")
        return accept(self)

    monkeypatch.setattr(wasyncore.dispatcher, "accept", fails)
    with Connection(port) as known, Connection(port) as stranger:
        stranger.socket.sendall(HALF)
        assert known.ask("GET", "/").status == 200
        lacking.set()
        with Connection(port) as late:
            assert late.ask("GET", "/").status == 200
        assert stranger.is_closed()
        assert known.ask("GET", "/").status == 200
