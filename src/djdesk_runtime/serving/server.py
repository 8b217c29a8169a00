"""The HTTP server: waitress on a loopback socket, stopped without losing a request."""

from __future__ import annotations

import errno
import logging
import select
import sys
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from djdesk_runtime.serving.channels import Channel
from djdesk_runtime.serving.parsing import say_last
from djdesk_runtime.serving.tasks import without_body
from djdesk_runtime.serving.workers import Workers

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

    from djdesk_runtime.serving.parsing import ChannelPolicy
    from djdesk_runtime.serving.stopping import StopRequest

# How many connections are kept. Windows' select() takes 512 sockets, and macOS gives a program
# 256 open files, which our own files and the project's have to share.
MOST_CONNECTIONS = 256

# How many more there may be while all are at work; then no new ones are accepted.
SPARE_CONNECTIONS = 32

# How long somebody may be connected without being let in, in seconds.
STRANGERS_END = 60

# How long no connection is accepted when no file can be opened, in seconds.
PAUSE = 0.1
NO_FILES = frozenset({errno.EMFILE, errno.ENFILE})

# How long headers that are still arriving are waited for while stopping, in seconds.
HEADERS_GRACE = 0.5

# How long threads that have no work may take to end after that, in seconds.
THREADS_END = 1

# The longest wait for something to happen on a socket, in seconds, in service and while draining.
SERVICE_WAIT = 1.0
DRAIN_WAIT = 0.02

# A loopback request has no reason for more header bytes; waitress' own limit is 256 KiB.
HEADER_BYTES = 65536

# How much is read at once: uploads come in large pieces.
READ_BYTES = 65536

# How much of a stream waits for a client that reads slowly; less than waitress keeps in memory.
WAITING_BYTES = 1 << 19

# Waitress has no way to say "none": a number with more digits than Python reads. See `uploads`.
NO_BODY_LIMIT = 10**5000

log = logging.getLogger(__name__)


class Listener(TcpWSGIServer):
    """Accepts connections. Answers what is refused itself, so that it costs no thread."""

    # The published stubs say less of these.
    task_dispatcher: Any
    active_channels: Any

    def __init__(self, *arguments: Any, most: int, **options: Any) -> None:  # noqa: ANN401
        self.refusals: deque[Channel] = deque()
        self._most = most
        self._paused_until = 0.0
        super().__init__(*arguments, **options)

    @property
    def channels(self) -> list[Channel]:
        """The open connections."""
        return list(self.active_channels.values())

    def add_task(self, task: Any) -> None:  # noqa: ANN401 - the stubs know no other
        """Have the first request of the channel *task* answered."""
        # What is left of an earlier answer may have to be waited for.
        if task.requests[0].error and not task.total_outbufs_len:
            self.refusals.append(task)
            self.pull_trigger()
        else:
            self.task_dispatcher.add_task(task)

    def answer_refused(self) -> None:
        """Answer the requests that are refused."""
        while self.refusals:
            self.refusals.popleft().service()

    def accept(self) -> Any:  # noqa: ANN401 - a socket and an address, or None
        """Accept a connection; None when there is none, or no room for one."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in NO_FILES:
                raise
            self.close_idle(1)
            self._paused_until = time.monotonic() + PAUSE
            return None

    def readable(self) -> bool:
        """Tell whether connections are accepted now."""
        return bool(super().readable()) and time.monotonic() >= self._paused_until

    def make_room(self) -> None:
        """Close connections of strangers after a while, and idle ones when there are too many."""
        oldest = time.time() - STRANGERS_END
        for channel in self.channels:
            if not channel.known and channel.creation_time < oldest and not is_at_work(channel):
                channel.handle_close()
        surplus = len(self.active_channels) - self._most
        if surplus > 0:
            self.close_idle(surplus)

    def close_idle(self, count: int) -> None:
        """Close *count* idle connections: strangers first, those that came first before others.

        Somebody who opens hundreds and says nothing, or little by little, must not keep others
        out; a browser connects again.
        """
        idle = [channel for channel in self.channels if not is_at_work(channel)]
        idle.sort(key=lambda c: (c.known, c.last_activity if c.known else c.creation_time))
        for channel in idle[:count]:
            channel.handle_close()


class Server:
    """Serves one WSGI application on one socket."""

    def __init__(
        self, application: WSGIApplication, listener: socket.socket, policy: ChannelPolicy
    ) -> None:
        self._listener = listener
        self._policy = policy
        self._workers = Workers()
        most = room_for_connections()
        # Filled by waitress with what it waits for. Any: the published stubs say "socket".
        self._sockets: dict[int, Any] = {}
        self._server = Listener(
            without_body(application),
            self._sockets,
            _sock=listener,
            dispatcher=self._workers,
            adj=Adjustments(
                ident="",
                connection_limit=most + SPARE_CONNECTIONS,
                max_request_header_size=HEADER_BYTES,
                max_request_body_size=NO_BODY_LIMIT,
                recv_bytes=READ_BYTES,
                outbuf_high_watermark=WAITING_BYTES,
                asyncore_use_poll=True,
            ),
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
            most=most,
        )
        self._server.channel_class = cast("Any", partial(Channel, policy))

    def run(self, stop: StopRequest, leaving: Callable[[], None]) -> bool:
        """Serve until *stop* is asked, then answer the requests that have come in.

        *leaving* is called right before the port is given up. Returns False if some were not
        answered in time.
        """
        stop.wakes(self._server.pull_trigger)
        try:
            while not stop.asked:
                self._wait(SERVICE_WAIT)
                self._server.make_room()
        finally:
            self._policy.closing = True
            leaving()
            self._accept_waiting()
            self._refuse_new()
            answered = self._drain(stop)
        return answered

    def _wait(self, seconds: float) -> None:
        """Handle what happens on the sockets, waiting at most *seconds* for the first."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._sockets, count=1)
        self._server.answer_refused()

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
            self._workers.shutdown(timeout=THREADS_END)
        # The pipe that wakes the loop stays open until the process ends: a thread may be about to
        # write to it, and must not find a database under the same number.
        for channel in self._server.channels:
            channel.handle_close()
        return not open_requests

    def _say_goodbye(self) -> None:
        """Let clients know by the answers that are under way that they are the last."""
        for channel in self._server.channels:
            for request in (*channel.requests[-1:], channel.request):
                if request is not None:
                    say_last(request)

    def _under_way(self, *, headers: bool) -> int:
        """Return how many connections have a request or an answer under way.

        Those count whose client has gone, but not streams to nobody, nor those without an end.
        With *headers*, requests count whose headers are still arriving.
        """
        channels = {*self._server.channels, *self._workers.at_work()}
        return sum(
            is_at_work(channel) or (headers and channel.request is not None)
            for channel in channels
            if channel.is_awaited
        )


def is_at_work(channel: Channel) -> bool:
    """Tell whether a connection has a request that was let in, or an answer, under way."""
    arriving = channel.request
    return bool(
        channel.requests or channel.total_outbufs_len or (arriving and arriving.headers_finished)
    )


def room_for_connections() -> int:
    """Return how many connections are kept, at most half of the files that may be open."""
    files = -1
    if sys.platform != "win32":
        import resource

        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files < 0 else min(MOST_CONNECTIONS, files // 2)
