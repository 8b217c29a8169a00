"""Connections that notice when their client has gone."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from djdesk_runtime.serving.parsing import Parser
from djdesk_runtime.serving.tasks import ProjectTask, RefusalTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from waitress.adjustments import Adjustments

    from djdesk_runtime.serving.parsing import ChannelPolicy


class Channel(HTTPChannel):
    """One connection.

    *known* is whether one of its requests was let in, *streaming* whether its answer comes in
    pieces, and *gone* whether its client has closed its end: it may still want an answer that
    ends, but no stream.
    """

    task_class = ProjectTask
    error_task_class = RefusalTask
    # The published stubs lack these, or say less of them.
    server: Any
    socket: socket.socket | None
    requests: list[Parser]

    def __init__(self, policy: ChannelPolicy, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        self._policy = policy
        self._hears_more = False
        self._gone_lock = threading.Lock()
        self._when_gone: list[Callable[[], None]] = []
        self.known = False
        self.gone = False
        self.streaming = False
        self._endless = False
        super().__init__(*arguments, **options)
        # Not a method: waitress makes the parser by what it thinks is a class.
        self.parser_class: Any = self._new_parser

    def _new_parser(self, adj: Adjustments) -> Parser:
        return Parser(adj, self._policy, self._admit)

    def _admit(self) -> None:
        self.known = True

    def readable(self) -> bool:
        """Tell whether something that comes is of interest: a request, or that the client goes."""
        if self.requests:
            return not (self.gone or self._hears_more or self.will_close)
        self._hears_more = False
        return bool(super().readable())

    def handle_read(self) -> None:
        """Read a request; while one is being answered, see whether the client is still there."""
        if self.requests:
            self._look()
        else:
            super().handle_read()

    def _look(self) -> None:
        """Find out what has come, and leave it there."""
        try:
            data = self.socket.recv(1, socket.MSG_PEEK) if self.socket else b""
        except BlockingIOError:
            return
        except OSError:
            self.handle_close()
            return
        if data:
            self._hears_more = True
        else:
            self._leave()

    def handle_close(self) -> None:
        """Close the connection, once, and delete what has come of a request."""
        if self.socket is not None:
            super().handle_close()
            if self.request is not None:
                self.request.close()
            # Would keep this object alive until the garbage collector comes.
            self.parser_class = HTTPRequestParser
        self._leave()

    @property
    def is_awaited(self) -> bool:
        """Whether what it sends is worth waiting for: not a stream to nobody, or without an end."""
        return not (self.streaming and (self.gone or self._endless))

    def begin_stream(self, *, endless: bool) -> None:
        """Let the thread that serves this connection not count among those for pages."""
        self._endless = endless
        if not self.streaming:
            self.streaming = True
            self.server.task_dispatcher.release(self)

    def service(self) -> None:
        """Answer the first request."""
        self.streaming = False
        super().service()

    def on_gone(self, call: Callable[[], None]) -> None:
        """Have *call* called, from any thread and at most once, when the client has gone."""
        with self._gone_lock:
            if not self.gone:
                self._when_gone.append(call)
                return
        call()

    def _leave(self) -> None:
        """Give up what the client alone was waiting for."""
        with self._gone_lock:
            self.gone = True
            calls, self._when_gone = self._when_gone, []
        for call in calls:
            call()
        self.server.task_dispatcher.release(self)
