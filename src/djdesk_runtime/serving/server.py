"""The HTTP server: waitress on a loopback socket, stopped without losing a request."""

from __future__ import annotations

import logging
import select
import sys
import time
from typing import TYPE_CHECKING, Any, cast

from waitress import wasyncore
from waitress.server import create_server

from djdesk_runtime.serving.channels import Manners, polite_channels, say_last

if TYPE_CHECKING:
    import socket

    from _typeshed.wsgi import WSGIApplication
    from waitress.channel import HTTPChannel
    from waitress.server import BaseWSGIServer

    from djdesk_runtime.serving.channels import Refuses
    from djdesk_runtime.serving.stopping import StopRequest

# A browser opens up to six connections to one host; two more for a second window.
THREADS = 8

# How many connections are kept. Windows' select() takes 512 sockets, and macOS gives a program
# 256 open files, which our own files and the project's have to share.
MOST_CONNECTIONS = 256

# How many more there may be while all are at work; then no new ones are accepted.
SPARE_CONNECTIONS = 32

# How long headers that are still arriving are waited for while stopping, in seconds.
HEADERS_GRACE = 0.5

# How long threads that have no work may take to end after that, in seconds.
THREADS_END = 1

# The longest wait for something to happen on a socket, in seconds, in service and while draining.
SERVICE_WAIT = 1.0
DRAIN_WAIT = 0.02

# A loopback request has no reason for more header bytes; waitress' own limit is 256 KiB.
HEADER_BYTES = 65536

log = logging.getLogger(__name__)


class Server:
    """Serves one WSGI application on one socket; *refuses* judges requests by their headers."""

    def __init__(
        self, application: WSGIApplication, listener: socket.socket, refuses: Refuses
    ) -> None:
        self._listener = listener
        self._manners = Manners(refuses)
        self._most = room_for_connections()
        # Filled by waitress with what it waits for. Any: the published stubs say "socket".
        self._sockets: dict[int, Any] = {}
        server = create_server(
            application,
            map=self._sockets,
            sockets=[listener],
            threads=THREADS,
            ident="",
            connection_limit=self._most + SPARE_CONNECTIONS,
            max_request_header_size=HEADER_BYTES,
            asyncore_use_poll=True,
        )
        self._server = cast("BaseWSGIServer", server)
        self._server.channel_class = polite_channels(self._manners)

    def run(self, stop: StopRequest) -> bool:
        """Serve until *stop* is asked, then answer the requests that have come in.

        Returns False if some were not answered in time.
        """
        stop.wakes(self._server.pull_trigger)
        try:
            while not stop.asked:
                self._wait(SERVICE_WAIT)
                self._make_room()
        finally:
            self._manners.closing = True
            self._accept_waiting()
            self._refuse_new()
            answered = self._drain(stop)
        return answered

    def _wait(self, seconds: float) -> None:
        """Handle what happens on the sockets, waiting at most *seconds* for the first."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._sockets, count=1)

    def _make_room(self) -> None:
        """Close the connections that were idle longest when there are too many.

        Somebody who opens hundreds and says nothing must not keep others out; a browser
        connects again.
        """
        surplus = len(self._channels()) - self._most
        if surplus > 0:
            idle = [channel for channel in self._channels() if not at_work(channel)]
            idle.sort(key=lambda channel: channel.last_activity)
            for channel in idle[:surplus]:
                channel.handle_close()

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

    def _drain(self, stop: StopRequest) -> bool:
        """Answer what is open until *stop*'s deadline, then close everything."""
        self._say_goodbye()
        self._wait(0)
        headers_until = time.monotonic() + HEADERS_GRACE
        while open_requests := self._under_way(headers=time.monotonic() < headers_until):
            if time.monotonic() > stop.deadline:
                log.warning("stopped with %d requests unanswered", open_requests)
                break
            self._wait(DRAIN_WAIT)
        if not open_requests:
            self._server.task_dispatcher.shutdown(timeout=THREADS_END)
        # The pipe that wakes the loop stays open until the process ends: a thread may be about to
        # write to it, and must not find a database under the same number.
        for channel in self._channels():
            channel.handle_close()
        return not open_requests

    def _say_goodbye(self) -> None:
        """Let clients know by the answers that are under way that they are the last."""
        for channel in self._channels():
            for request in (*channel.requests[-1:], channel.request):
                if request is not None:
                    say_last(request)

    def _under_way(self, *, headers: bool) -> int:
        """Return how many connections have a request or an answer under way.

        With *headers*, requests count whose headers are still arriving.
        """
        return sum(
            at_work(channel) or (headers and channel.request is not None)
            for channel in self._channels()
        )

    def _channels(self) -> list[HTTPChannel]:
        """Return the open connections."""
        # The published stubs call this dictionary a channel.
        return list(cast("dict[int, HTTPChannel]", self._server.active_channels).values())


def at_work(channel: HTTPChannel) -> bool:
    """Tell whether a connection has a request that was let in, or an answer, under way."""
    arriving = channel.request
    return bool(
        channel.requests or channel.total_outbufs_len or (arriving and arriving.headers_finished)
    )


def room_for_connections() -> int:
    """Return how many connections are kept, at most half of the files that may be open."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files < 0 else min(MOST_CONNECTIONS, files // 2)
