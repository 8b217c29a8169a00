"""A server of this process, for any WSGI application, and connections to it byte by byte."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from waitress import wasyncore

from djdesk_runtime.serving.listening import listen
from djdesk_runtime.serving.parsing import ChannelPolicy
from djdesk_runtime.serving.server import Server
from djdesk_runtime.serving.stopping import StopRequest
from djdesk_runtime.serving.uploads import UploadLimits
from tests.unit.djdesk_runtime.made_bundle import LIMIT_SECONDS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from djdesk_runtime.serving.judging import Header


def refuses(_method: str, target: str, _header: Header) -> bool:
    return target.startswith("/refused")


@contextlib.contextmanager
def serving(
    application: WSGIApplication,
    uploads: UploadLimits | None = None,
    *,
    grace: float = 0,
    ends: list[bool] | None = None,
) -> Iterator[int]:
    """Give the port of a server of the application; paths below /refused are refused.

    It is stopped within so many seconds at the end; whether it answered everything goes to *ends*.
    """
    server = Server(application, listen(0, ()), ChannelPolicy(refuses, uploads or UploadLimits()))
    stop = StopRequest()
    ended = [] if ends is None else ends
    service = threading.Thread(target=lambda: ended.append(server.run(stop, lambda: None)))
    service.start()
    try:
        yield int(server._listener.getsockname()[1])
    finally:
        stop.ask(grace)
        service.join(LIMIT_SECONDS)
        # Left open on purpose until the process ends.
        wasyncore.close_all(server._sockets)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=LIMIT_SECONDS)


def request(target: str, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: 127.0.0.1", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass
class Answer:
    """An answer, as the rules say where it ends."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    informational: list[int] = field(default_factory=list)


class Connection:
    """Reads answers as RFC 9112 delimits them, so that a wrong one spoils the next."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self.socket = connect(port)
        self._port = port
        self._file = self.socket.makefile("rb")
        self._headers = [f"{name}: {value}" for name, value in (headers or {}).items()]

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def send(
        self, method: str, target: str, *headers: str, body: bytes = b"", version: str = "1.1"
    ) -> None:
        lines = [f"{method} {target} HTTP/{version}", f"Host: 127.0.0.1:{self._port}"]
        lines += [*self._headers, *headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)

    def read(self, method: str = "GET") -> Answer:
        passed: list[int] = []
        while True:
            status, headers = self._head()
            if status >= 200:
                return Answer(status, headers, self._body(method, status, headers), passed)
            passed.append(status)

    def ask(
        self, method: str, target: str, *headers: str, body: bytes = b"", version: str = "1.1"
    ) -> Answer:
        self.send(method, target, *headers, body=body, version=version)
        return self.read(method)

    def is_closed(self) -> bool:
        """Tell whether nothing but the end comes; to be asked when no answer is due."""
        return self._file.read(1) == b""

    def _head(self) -> tuple[int, Mapping[str, str]]:
        line = self._file.readline()
        assert line.startswith(b"HTTP/1."), line
        headers = http.client.parse_headers(self._file)
        names = [name.lower() for name in headers]
        assert len(names) == len(set(names)) or set(names) & {"set-cookie", "vary"}, names
        return int(line.split()[1]), dict(headers.items())

    def _body(self, method: str, status: int, headers: Mapping[str, str]) -> bytes:
        lower = {name.lower(): value for name, value in headers.items()}
        if method == "HEAD" or status in {204, 304}:
            return b""
        if lower.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self._file.readline(), 16):
                body += self._file.read(size)
                assert self._file.readline() == b"\r\n"
            assert self._file.readline() == b"\r\n"
            return body
        if "content-length" in lower:
            body = self._file.read(int(lower["content-length"]))
            assert len(body) == int(lower["content-length"])
            return body
        return self._file.read()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
