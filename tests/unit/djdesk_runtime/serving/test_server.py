import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import pytest
from waitress import wasyncore

from djdesk_runtime.errors import PortError
from djdesk_runtime.serving.server import Server, bind_loopback
from djdesk_runtime.serving.stopping import StopRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MakeServer = Callable[[], Server]

REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def hello(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def make_server() -> Iterator[MakeServer]:
    servers: list[Server] = []

    def make() -> Server:
        servers.append(Server(hello, bind_loopback(0)))
        return servers[-1]

    yield make
    for server in servers:
        # Left open on purpose until the process ends.
        wasyncore.close_all(server._sockets)


def test_bound_socket_is_loopback_and_refuses_until_served() -> None:
    with bind_loopback(0) as listener:
        address = listener.getsockname()
        assert address[0] == "127.0.0.1"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)


def test_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            bind_loopback(port)


def test_stop_asked_before_service(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    stop.ask()
    server.run(stop)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_connections_that_the_system_has_accepted_are_answered(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    for client in clients:
        client.sendall(REQUEST)
    stop.ask()
    server.run(stop)
    for client in clients:
        with client:
            assert client.makefile("rb").read().endswith(b"hello")


def test_idle_connections_do_not_delay_the_end(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    service = threading.Thread(target=server.run, args=(stop,))
    service.start()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(REQUEST)
        answer = client.makefile("rb")
        while answer.readline() != b"\r\n":
            pass
        assert answer.read(5) == b"hello"
        stop.ask()
        assert answer.read() == b""
    service.join()


def test_request_that_is_still_arriving_is_answered(make_server: MakeServer) -> None:
    server, stop = make_server(), StopRequest()
    service = threading.Thread(target=server.run, args=(stop,))
    service.start()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(REQUEST[:20])
        while not any(channel.request for channel in server._channels()):
            pass
        stop.ask()
        while accepts(server.port):
            pass
        client.sendall(REQUEST[20:])
        assert client.makefile("rb").read().endswith(b"hello")
    service.join()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
