import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import pytest
from waitress import wasyncore

from djdesk_runtime.serving import server as server_module
from djdesk_runtime.serving.listening import listen
from djdesk_runtime.serving.parsing import ChannelPolicy
from djdesk_runtime.serving.server import Server, room_for_connections
from djdesk_runtime.serving.stopping import StopRequest
from djdesk_runtime.serving.uploads import UploadLimits
from tests.unit.djdesk_runtime.made_bundle import LIMIT_SECONDS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from djdesk_runtime.serving.judging import Header

MakeServer = Callable[[], Server]

REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
FEW = 4


def hello(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def refuses(_method: str, target: str, _header: Header) -> bool:
    return target.startswith("/refused")


def port_of(server: Server) -> int:
    return int(server._listener.getsockname()[1])


@pytest.fixture
def make_server() -> Iterator[MakeServer]:
    servers: list[Server] = []

    def make() -> Server:
        servers.append(Server(hello, listen(0, ()), ChannelPolicy(refuses, UploadLimits())))
        return servers[-1]

    yield make
    for server in servers:
        # Left open on purpose until the process ends.
        wasyncore.close_all(server._sockets)


@pytest.fixture
def port(make_server: MakeServer) -> Iterator[int]:
    """The port of a server that runs."""
    server, stop = make_server(), StopRequest()
    service = threading.Thread(target=server.run, args=(stop, lambda: None))
    service.start()
    yield port_of(server)
    stop.ask(0)
    service.join()


def read_answer(client: socket.socket) -> bytes:
    answer = client.makefile("rb")
    lines = [*iter(answer.readline, b"\r\n")]
    return b"".join(lines) + answer.read(5)


def test_stop_asked_before_service(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    port = port_of(server)
    stop.ask()
    assert server.run(stop, lambda: None)
    with pytest.raises(ConnectionRefusedError):
        connect(port)


def test_connections_that_the_system_has_accepted_are_answered(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    clients = [connect(port_of(server)) for _ in range(20)]
    for client in clients:
        client.sendall(REQUEST)
    stop.ask()
    assert server.run(stop, lambda: None)
    for client in clients:
        with client:
            assert client.makefile("rb").read().endswith(b"hello")


def test_idle_connections_do_not_delay_the_end(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    with connect(port_of(server)) as client:
        service = threading.Thread(target=server.run, args=(stop, lambda: None))
        service.start()
        client.sendall(REQUEST)
        answer = client.makefile("rb")
        while answer.readline() != b"\r\n":
            pass
        assert answer.read(5) == b"hello"
        stop.ask(1000)
        assert answer.read() == b""
    service.join()


def test_request_that_is_still_arriving_is_answered(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    port = port_of(server)
    service = threading.Thread(target=server.run, args=(stop, lambda: None))
    service.start()
    body = b"x" * 100
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n"
    with connect(port) as client:
        client.sendall(head + body[:20])
        wait_until(lambda: any(channel.request for channel in server._server.channels))
        stop.ask(1000)
        wait_until(lambda: not accepts(port))
        client.sendall(body[20:])
        assert client.makefile("rb").read().endswith(b"hello")
    service.join()


def test_headers_that_never_end_do_not_delay_the_end(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    service = threading.Thread(target=server.run, args=(stop, lambda: None))
    with connect(port_of(server)) as client:
        service.start()
        client.sendall(REQUEST[:20])
        wait_until(lambda: any(channel.request for channel in server._server.channels))
        stop.ask(1000)
        assert client.makefile("rb").read() == b""
    service.join()


def test_the_last_answer_says_so(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    with connect(port_of(server)) as client:
        client.sendall(REQUEST)
        stop.ask()
        server.run(stop, lambda: None)
        assert b"Connection: close\r\n" in client.makefile("rb").read()


def test_an_answer_before_that_does_not(port: int) -> None:
    with connect(port) as client:
        for _ in range(3):
            client.sendall(REQUEST)
            assert b"close" not in read_answer(client)


def test_what_is_refused_ends_the_connection_whatever_comes_behind(port: int) -> None:
    with connect(port) as client:
        client.sendall(b"GET /refused HTTP/1.1\r\n\r\n" + REQUEST + REQUEST)
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert answer.endswith(b"\r\n\r\nForbidden")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "head", [b"Content-Length: 1000000000", b"Transfer-Encoding: chunked", b"Expect: 100-continue"]
)
def test_the_body_of_what_is_refused_is_not_waited_for(port: int, head: bytes) -> None:
    with connect(port) as client:
        client.sendall(b"POST /refused HTTP/1.1\r\n" + head + b"\r\n\r\n")
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 403 Forbidden\r\n")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET http://[::1 HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    ],
)
def test_what_python_refuses_to_read_is_a_bad_request(
    port: int, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        connect(port) as client,
    ):
        client.sendall(request_bytes)
        assert b" 400 Bad Request\r\n" in client.makefile("rb").read()
    # On a busy machine a request waits for a thread, and waitress tells.
    assert [record for record in caplog.records if record.name != "waitress.queue"] == []


def test_those_that_say_nothing_make_room(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "MOST_CONNECTIONS", FEW)
    server, stop = make_server(), StopRequest()
    silent = [connect(port_of(server)) for _ in range(5 * FEW)]
    for client in silent:
        client.sendall(REQUEST[:20])
    service = threading.Thread(target=server.run, args=(stop, lambda: None))
    service.start()
    with connect(port_of(server)) as client:
        client.sendall(REQUEST)
        assert read_answer(client).endswith(b"hello")
        wait_until(lambda: len(server._server.channels) <= FEW)
        # Those that were silent longest are gone, and not the one that said something.
        client.sendall(REQUEST)
        assert read_answer(client).endswith(b"hello")
        assert silent[0].makefile("rb").read() == b""
    stop.ask(0)
    service.join()
    for client in silent:
        client.close()


def test_room_is_at_most_half_of_what_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100, 1000))
    assert room_for_connections() == 50
    monkeypatch.setattr(resource, "getrlimit", lambda _: (-1, -1))
    assert room_for_connections() == server_module.MOST_CONNECTIONS


def accepts(port: int) -> bool:
    try:
        connect(port).close()
    except OSError:
        return False
    return True


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=LIMIT_SECONDS)


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not happened():
        assert time.monotonic() < deadline
