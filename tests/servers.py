"""Real servers on the loopback interface that misbehave on purpose.

An answer is a function from a `Request` to a `Reply`; a reply says how to send itself
wrongly. Each connection carries one request.
"""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

CERTIFICATE = Path(__file__).with_name("localhost.pem")

_TIMEOUT = 20.0  # a test that hangs ends in an error after so many seconds
_DRIP_PAUSE = 0.05
_TLS_HANDSHAKE = b"\x16"


@dataclass(frozen=True)
class Request:
    """What a client asked for. Names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What a client gets.

    `length` is sent as Content-Length in place of the true one; `unsized` sends none.
    `cut_after` closes the connection after so many bytes of the body, `stall_after` keeps
    it open and silent, `drip` sends so many bytes twenty times a second. `gate` is waited
    for before anything is sent. `tunnel` connects a CONNECT request to where it wants.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    length: int | None = None
    unsized: bool = False
    cut_after: int | None = None
    stall_after: int | None = None
    drip: int | None = None
    gate: threading.Event | None = None
    tunnel: bool = False


Answer = Callable[[Request], Reply]


class Server:
    """Answers until the end of a `with` block, and leaves neither thread nor socket behind.

    `requests` are those that came, `sent` the number of body bytes each was answered with.
    """

    def __init__(self, answer: Answer, *, tls: bool = False) -> None:
        self._answer = answer
        self._tls = tls
        self._stopping = threading.Event()
        self._connections: list[socket.socket] = []
        self._workers: list[threading.Thread] = []
        self.requests: list[Request] = []
        self.sent: list[int] = []
        self.asked = threading.Semaphore(0)
        """Released once for every request."""

    @property
    def url(self) -> str:
        """The server's root, without a slash at its end."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=_TIMEOUT).close()
        self._acceptor.join()
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for worker in self._workers:
            worker.join()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            worker = threading.Thread(target=self._serve, args=[connection])
            self._connections.append(connection)
            self._workers.append(worker)
            worker.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_TIMEOUT)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls:
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(CERTIFICATE)
                connection = stack.enter_context(context.wrap_socket(connection, server_side=True))
            request = _read_request(connection)
            if request is None:
                return
            number = len(self.requests)
            self.requests.append(request)
            self.sent.append(0)
            self.asked.release()
            self._send(connection, self._answer(request), request, number)

    def _send(self, connection: socket.socket, reply: Reply, request: Request, number: int) -> None:
        if reply.gate is not None:
            reply.gate.wait(_TIMEOUT)
        if reply.tunnel:
            self._tunnel(connection, request.target)
            return
        connection.sendall(_head(reply))
        for piece in _pieces(reply):
            connection.sendall(piece)
            self.sent[number] += len(piece)
            if reply.drip and self._stopping.wait(_DRIP_PAUSE):
                return
        if reply.stall_after is not None:
            self._stopping.wait(_TIMEOUT)

    def _tunnel(self, connection: socket.socket, target: str) -> None:
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=_TIMEOUT) as other:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pump, args=[other, connection])
            back.start()
            _pump(connection, other)
            with contextlib.suppress(OSError):
                other.shutdown(socket.SHUT_RDWR)  # the client has gone: nothing more is wanted
            back.join()


def sequence(*answers: Reply | Answer) -> Answer:
    """Give each request the next of these answers, and the last one to all that follow."""
    left = list(answers)

    def answer(request: Request) -> Reply:
        current = left.pop(0) if len(left) > 1 else left[0]
        return current if isinstance(current, Reply) else current(request)

    return answer


def file_reply(request: Request, content: bytes, *, etag: str = '"v1"') -> Reply:
    """Serve a file as a good server does: a part of it where Range and If-Range allow."""
    headers = {"ETag": etag, "Accept-Ranges": "bytes"}
    asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    if not asked or request.headers.get("if-range", etag) != etag:
        return Reply(headers=headers, body=content)
    start = int(asked[1])
    if start >= len(content):
        return Reply(416, {"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
    return Reply(206, headers, content[start:])


def serving(
    content: bytes,
    *,
    cut_after: int | None = None,
    stall_after: int | None = None,
    drip: int | None = None,
    gate: threading.Event | None = None,
) -> Answer:
    """Serve a file as `file_reply` does, every answer with these faults of `Reply`."""

    def answer(request: Request) -> Reply:
        return replace(
            file_reply(request, content),
            cut_after=cut_after,
            stall_after=stall_after,
            drip=drip,
            gate=gate,
        )

    return answer


@contextlib.contextmanager
def refusing_port() -> Iterator[int]:
    """Yield a port that is taken and refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def _read_request(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(1 << 16)
        if not received:
            return None
        data += received
        if data.startswith(_TLS_HANDSHAKE):
            return Request("TLS", "", {})
    first, *lines = data.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    return Request(method, target, {name.lower(): value.strip() for name, _, value in pairs})


def _head(reply: Reply) -> bytes:
    headers = {"Connection": "close", **reply.headers}
    if not reply.unsized:
        headers["Content-Length"] = str(len(reply.body) if reply.length is None else reply.length)
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _pieces(reply: Reply) -> Iterator[bytes]:
    ends = [len(reply.body), reply.cut_after, reply.stall_after]
    end = min(value for value in ends if value is not None)
    step = reply.drip or max(1, end)
    for start in range(0, end, step):
        yield reply.body[start : min(start + step, end)]


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
