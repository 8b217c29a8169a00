"""A request that takes as long as the test wants, and what it left in the database."""

import contextlib
import http.client
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.unit.djdesk_runtime.made_bundle import Answer, Running


def names_in(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return [name for (name,) in database.execute("SELECT name FROM things_thing ORDER BY id")]


@contextlib.contextmanager
def slow_request(site: Running) -> Iterator[tuple[socket.socket, list[Answer], threading.Thread]]:
    """Give a request that is being worked on until a byte is sent on the socket."""
    answers: list[Answer] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        path = f"/slow/?port={listener.getsockname()[1]}"

        def get() -> None:
            # The server may be stopped without answering.
            with contextlib.suppress(http.client.RemoteDisconnected, ConnectionResetError):
                answers.append(site.get(path))

        request = threading.Thread(target=get)
        request.start()
        line, _ = listener.accept()
        with line:
            yield line, answers, request
    request.join()
