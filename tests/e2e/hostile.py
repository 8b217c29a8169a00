"""Another program of this computer, which wants the port of a server as soon as it is free."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.e2e.waiting import PATIENCE, until

_HOST = "127.0.0.1"
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: hostile=1\r\n"
    b"Access-Control-Allow-Origin: *\r\nContent-Length: 25\r\n\r\n<h1>Not the server</h1>\r\n\r\n"
)


class PortThief:
    """Takes a port the moment it is free, and keeps all that is sent to it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._taken = threading.Event()
        self._over = threading.Event()
        self._received: list[bytes] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def has_taken(self) -> bool:
        """Whether it has got the port."""
        return self._taken.is_set()

    @property
    def received(self) -> bytes:
        """All bytes so far, of all connections."""
        return b"".join(self._received)

    def wait_until_taken(self) -> None:
        """Wait until the port is the thief's."""
        until(self._taken.is_set, f"port {self._port} is free to be taken")

    def end(self) -> None:
        """Give the port back."""
        self._over.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        with self._listen() as listener:
            self._taken.set()
            listener.settimeout(0.05)
            while not self._over.is_set():
                with suppress(TimeoutError):
                    connection, _ = listener.accept()
                    threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _listen(self) -> socket.socket:
        while True:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((_HOST, self._port))
                listener.listen()
            except OSError:
                listener.close()
                if self._over.is_set():
                    return socket.socket()
            else:
                return listener

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while data := connection.recv(65536):
                self._received.append(data)
                connection.sendall(_ANSWER)


@contextmanager
def port_thief(port: int) -> Iterator[PortThief]:
    """Yield a thief that waits for a port; end it afterwards."""
    thief = PortThief(port)
    try:
        yield thief
    finally:
        thief.end()
