"""Threads belong to clients that are there."""

import queue
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import pytest

from djdesk_runtime.serving import workers
from djdesk_runtime.serving.tasks import ON_GONE
from tests.unit.djdesk_runtime.made_bundle import LIMIT_SECONDS
from tests.unit.djdesk_runtime.serving.in_process import Connection, serving, wait_until

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MANY = 40
HURRY = struct.pack("ii", 1, 0)
PIECE = b"x" * 100_000


class Site:
    """Pages, streams of several kinds, and what became of them."""

    def __init__(self) -> None:
        self.begun = 0
        self.closed = 0
        self.told = 0
        self.finished = 0
        self.going_on = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/page":
            start_response("200 OK", [("Content-Length", "4")])
            return [b"page"]
        environ[ON_GONE](self._tell)
        with self._lock:
            self.begun += 1
        if path == "/view":
            self.going_on.wait(LIMIT_SECONDS)
            self.finished += 1
            start_response("200 OK", [("Content-Length", "4")])
            return [b"done"]
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return self._pieces(path)

    def _tell(self) -> None:
        with self._lock:
            self.told += 1

    def _pieces(self, path: str) -> Iterator[bytes]:
        try:
            if path == "/quiet":
                yield b"data: hello\n\n"
                self.going_on.wait(LIMIT_SECONDS)
            while path == "/large":
                yield PIECE
            while path == "/regular":
                yield b"data: tick\n\n"
                time.sleep(0.01)
            if path == "/silent":
                self.going_on.wait(LIMIT_SECONDS)
        finally:
            with self._lock:
                self.closed += 1


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.going_on.set()


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    with serving(site) as number:
        yield number
        site.going_on.set()


def leave(connection: Connection) -> None:
    connection.__exit__()


def hurry(connection: Connection) -> None:
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HURRY)
    connection.__exit__()


def answers(port: int) -> None:
    with Connection(port) as visitor:
        assert visitor.ask("GET", "/page").body == b"page"


@pytest.mark.parametrize("going", [leave, hurry])
@pytest.mark.parametrize("path", ["/quiet", "/silent", "/regular", "/large", "/view"])
def test_those_who_left_keep_no_thread_from_others(
    site: Site, port: int, path: str, going: Callable[[Connection], None]
) -> None:
    visitors = [Connection(port) for _ in range(MANY)]
    for count, visitor in enumerate(visitors, 1):
        visitor.send("GET", path)
        wait_until(lambda count=count: site.begun >= min(count, workers.PAGES))  # type: ignore[misc]
        going(visitor)
    answers(port)
    wait_until(lambda: site.told == site.begun)


@pytest.mark.parametrize("path", ["/regular", "/large"])
def test_a_stream_ends_with_its_client(site: Site, port: int, path: str) -> None:
    visitors = [Connection(port) for _ in range(MANY)]
    for visitor in visitors:
        visitor.send("GET", path)
    wait_until(lambda: site.begun == MANY)
    for visitor in visitors:
        leave(visitor)
    wait_until(lambda: site.closed == MANY)


@pytest.mark.parametrize("path", ["/quiet", "/regular", "/large"])
def test_streams_to_those_who_stay_keep_no_thread_from_others(
    site: Site, port: int, path: str
) -> None:
    visitors = [Connection(port) for _ in range(MANY)]
    for visitor in visitors:
        visitor.send("GET", path)
    wait_until(lambda: site.begun == MANY)
    answers(port)
    for visitor in visitors:
        leave(visitor)


def test_who_only_stops_sending_is_still_answered(site: Site, port: int) -> None:
    with Connection(port) as visitor:
        visitor.send("GET", "/view")
        visitor.socket.shutdown(socket.SHUT_WR)
        wait_until(lambda: site.told == 1)
        site.going_on.set()
        assert visitor.read().body == b"done"
        assert visitor.is_closed()


def test_a_request_behind_another_waits_for_its_turn(site: Site, port: int) -> None:
    with Connection(port) as visitor:
        visitor.send("GET", "/view")
        wait_until(lambda: site.begun == 1)
        visitor.send("GET", "/page")
        answers(port)
        site.going_on.set()
        assert [visitor.read().body, visitor.read().body] == [b"done", b"page"]
    wait_until(lambda: site.told == 1)


@pytest.mark.parametrize("path", ["/quiet", "/silent", "/large"])
def test_the_end_is_not_delayed_by_streams_to_nobody(site: Site, path: str) -> None:
    ends: list[bool] = []
    with serving(site, ends=ends, grace=1000) as port:
        with Connection(port) as visitor:
            visitor.send("GET", path)
            wait_until(lambda: site.begun == 1)
            if path != "/silent":
                visitor._head()
        wait_until(lambda: site.told == 1)
        if path == "/silent":
            # Nothing tells that it is a stream.
            site.going_on.set()
    assert ends == [True]


def test_the_end_is_not_delayed_by_events_that_never_end(site: Site) -> None:
    ends: list[bool] = []
    with serving(site, ends=ends, grace=1000) as port:
        visitor = Connection(port)
        visitor.send("GET", "/quiet")
        visitor._head()
    assert ends == [True]
    leave(visitor)


@pytest.mark.parametrize("going", [leave, hurry])
def test_what_was_begun_for_somebody_who_left_is_finished(
    site: Site, going: Callable[[Connection], None]
) -> None:
    ends: list[bool] = []
    with serving(site, ends=ends, grace=1000) as port:
        visitor = Connection(port)
        visitor.send("GET", "/view")
        wait_until(lambda: site.begun == 1)
        going(visitor)
        wait_until(lambda: site.told == 1)
        threading.Timer(0.2, site.going_on.set).start()
    assert (ends, site.finished) == ([True], 1)


def test_threads_do_not_become_more_and_more() -> None:
    serving_now: queue.Queue[None] = queue.Queue()

    def slow(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        serving_now.put(None)
        start_response("200 OK", [])
        yield b"first"
        yield b"second"

    def named() -> int:
        return sum(thread.name == "djdesk-worker" for thread in threading.enumerate())

    with serving(slow) as port:
        before = named()
        for _ in range(3):
            visitors = [Connection(port) for _ in range(MANY)]
            for visitor in visitors:
                visitor.send("GET", "/")
            for visitor in visitors:
                assert visitor.read().body == b"firstsecond"
                leave(visitor)
        wait_until(lambda: named() - before <= workers.PAGES)
    assert serving_now.qsize() == 3 * MANY


def test_threads_have_given_up_what_they_kept_when_the_server_has_ended() -> None:
    """A connection to a database, for instance: SQLite tidies up with the last one."""
    given_up: list[bool] = []
    kept = threading.local()

    class Connected:
        def __del__(self) -> None:
            time.sleep(0.05)
            given_up.append(True)

    def page(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        kept.connection = Connected()
        start_response("200 OK", [])
        return [b"page"]

    with serving(page, grace=1000) as port, Connection(port) as visitor:
        assert visitor.ask("GET", "/").body == b"page"
    assert given_up == [True]
