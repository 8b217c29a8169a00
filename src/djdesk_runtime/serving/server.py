"""The HTTP server: waitress on a loopback socket, stopped without losing a request."""

from __future__ import annotations

import logging
import select
import socket
import sys
import time
from typing import TYPE_CHECKING, Any, cast

from waitress import wasyncore
from waitress.server import create_server

from djdesk_runtime.errors import PortError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from waitress.channel import HTTPChannel
    from waitress.server import BaseWSGIServer

    from djdesk_runtime.serving.stopping import StopRequest

HOST = "127.0.0.1"

# A browser opens up to six connections to one host; two more for a second window.
THREADS = 8

# How long open requests may take after the server was asked to stop, in seconds.
GRACE = 5.0

# How long the threads may take to end after that, in seconds. They wait for work, or are stuck.
THREADS_END = 1

# The longest wait for something to happen on a socket, in seconds, in service and while draining.
SERVICE_WAIT = 1.0
DRAIN_WAIT = 0.02

# A loopback request has no reason for more header bytes; waitress' own limit is 256 KiB.
HEADER_BYTES = 65536

log = logging.getLogger(__name__)


def bind_loopback(port: int) -> socket.socket:
    """Return a socket bound to *port* of 127.0.0.1, 0 for any, that does not listen yet.

    Nobody else can take the port from now on, and connections are refused until the server is
    ready. Raises `PortError`.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # There SO_REUSEADDR lets another program take over a port that is in use.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise port_unusable(port, error) from error
    return listener


def port_unusable(port: int, error: OSError) -> PortError:
    """Return the error that says *port* cannot be had because of *error*."""
    return PortError(
        f"Port {port} of {HOST} cannot be used.",
        why=str(error.strerror or error),
        next_step="Stop the program that uses it, or start without --port to get a free one.",
    )


class Server:
    """Serves one WSGI application on one socket. Accepts connections once it is made."""

    def __init__(self, application: WSGIApplication, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self._listener = listener
        # Filled by waitress with what it waits for. Any: the published stubs say "socket".
        self._sockets: dict[int, Any] = {}
        try:
            server = create_server(
                application,
                map=self._sockets,
                sockets=[listener],
                threads=THREADS,
                ident="",
                max_request_header_size=HEADER_BYTES,
                asyncore_use_poll=True,
            )
        except OSError as error:
            # Two sockets can be bound to one port on Linux; the second to listen fails.
            raise port_unusable(self.port, error) from error
        self._server = cast("BaseWSGIServer", server)

    @property
    def url(self) -> str:
        """The address of the first page."""
        return f"http://{HOST}:{self.port}/"

    def run(self, stop: StopRequest) -> None:
        """Serve until *stop* is asked, then answer the requests that have come in."""
        stop.wakes(self._server.pull_trigger)
        try:
            while not stop.asked:
                self._wait(SERVICE_WAIT)
        finally:
            self._accept_waiting()
            self._refuse_new()
            self._drain(stop, time.monotonic() + GRACE)

    def _wait(self, seconds: float) -> None:
        """Handle what happens on the sockets, waiting at most *seconds* for the first."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._sockets, count=1)

    def _accept_waiting(self) -> None:
        """Accept the connections that the system has made in our name already."""
        while select.select([self._listener], [], [], 0)[0]:
            before = len(self._sockets)
            self._server.handle_accept()
            if len(self._sockets) == before:
                return

    def _refuse_new(self) -> None:
        """Close the listening socket; open connections stay."""
        self._server.accepting = False
        self._server.del_channel(self._sockets)
        self._listener.close()

    def _drain(self, stop: StopRequest, deadline: float) -> None:
        """Answer what is open until *deadline* on the monotonic clock, then close everything."""
        self._wait(0)
        while (open_requests := self._busy()) and not stop.urgent:
            if time.monotonic() > deadline:
                log.warning("stopped with %d requests unanswered", open_requests)
                break
            self._wait(DRAIN_WAIT)
        self._server.task_dispatcher.shutdown(timeout=THREADS_END)
        # The pipe that wakes the loop stays open until the process ends: a thread may be about to
        # write to it, and must not find a database under the same number.
        for channel in self._channels():
            channel.handle_close()

    def _busy(self) -> int:
        """Return how many connections have a request or an answer under way."""
        return sum(
            bool(channel.requests or channel.request or channel.total_outbufs_len)
            for channel in self._channels()
        )

    def _channels(self) -> list[HTTPChannel]:
        """Return the open connections."""
        # The published stubs call this dictionary a channel.
        return list(cast("dict[int, HTTPChannel]", self._server.active_channels).values())
