"""Requests that are judged as soon as their headers have come, and whose bodies are kept in limits.

Without this, waitress would keep up to a gigabyte of a stranger's request on the disk before
the application sees any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from waitress.parser import HTTPRequestParser
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from djdesk_runtime.serving.gate import FORBIDDEN_BODY, FORBIDDEN_HEADERS, FORBIDDEN_STATUS
from djdesk_runtime.serving.uploads import Body, too_large_to_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from waitress.adjustments import Adjustments

    from djdesk_runtime.serving.judging import Header
    from djdesk_runtime.serving.uploads import UploadLimits

    type Refuses = Callable[[str, str, Header], bool]


@dataclass(slots=True)
class ChannelPolicy:
    """What connections refuse, and whether each answer is their last."""

    refuses: Refuses
    uploads: UploadLimits
    closing: bool = False


class ForbiddenError(Error):
    """The answer to a request that is refused."""

    def __init__(self) -> None:
        super().__init__("")

    # Any: the published stubs say that the body is a string.
    def to_response(self, ident: str | None = None) -> Any:  # noqa: ANN401, ARG002
        """Return status, headers and body."""
        return FORBIDDEN_STATUS, list(FORBIDDEN_HEADERS), FORBIDDEN_BODY


class Parser(HTTPRequestParser):
    """Reads one request; calls *admit* when it is not refused."""

    # The published stubs say None, and bytes of the strings.
    error: Any
    body_rcv: Any
    headers: Any

    def __init__(self, adj: Adjustments, policy: ChannelPolicy, admit: Callable[[], None]) -> None:
        super().__init__(adj)
        self._policy = policy
        self._admit = admit
        self._body: Body | None = None

    def received(self, data: bytes) -> int:
        """Read on; a request that is refused ends with its headers."""
        had_headers = self.headers_finished
        try:
            used = super().received(data)
        except ValueError:
            # An address or a length that Python's own functions refuse to read.
            return give_up(self, BadRequest("Malformed request"), data)
        if not had_headers and self.headers_finished and not self.empty and not self.error:
            return self._judge(used, data)
        if self.completed and self._body is not None and self._body.excess is not None:
            self.error = self._body.excess
        return used

    def _judge(self, used: int, data: bytes) -> int:
        """Decide what becomes of a request whose headers have just been read."""
        method, target = cast("str", self.command), cast("Any", self).request_uri
        if self._policy.refuses(method, target, self.headers.get):
            return give_up(self, ForbiddenError(), data)
        if is_framed_twice(self):
            return give_up(self, BadRequest("The length of the body is not clear"), data)
        self._admit()
        if self._policy.closing:
            say_last(self)
        if self.body_rcv is None:
            # Nobody waits to be told to go on without having something to send.
            self.expect_continue = False
        else:
            return self._expect_body(used, data)
        return used

    def _expect_body(self, used: int, data: bytes) -> int:
        """Have the body kept as far as it is wanted, or refuse it before it is sent."""
        if too_large_to_read(self.content_length):
            return give_up(self, RequestEntityTooLarge("No disk has room for this"), data)
        self._body = Body(self.adj.inbuf_overflow, self._policy.uploads)
        self.body_rcv.buf = self._body
        self._body.expect(self.content_length)
        if self._body.excess and self.expect_continue:
            return give_up(self, self._body.excess, data)
        return used


def is_framed_twice(request: Parser) -> bool:
    """Tell whether two readers could see two ends of the request (RFC 9112, 6.1)."""
    if request.chunked:
        return "CONTENT_LENGTH" in request.headers
    return "TRANSFER_ENCODING" in request.headers


def give_up(request: HTTPRequestParser, error: Error, data: bytes) -> int:
    """Answer *request* with *error* and use up *data*; the connection ends with the answer."""
    request.error = cast("Any", error)
    request.expect_continue = False
    request.completed = True
    return len(data)


def say_last(request: HTTPRequestParser) -> None:
    """Let the answer to *request* say that it is the connection's last, if it is not begun."""
    cast("dict[str, str]", request.headers)["CONNECTION"] = "close"
