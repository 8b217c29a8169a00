"""Connections whose requests are judged as soon as their headers have come.

Without this, waitress would keep up to a gigabyte of a stranger's request on the disk before
the application sees any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import BadRequest, Error

from djdesk_runtime.serving.gate import FORBIDDEN_BODY, FORBIDDEN_HEADERS, FORBIDDEN_STATUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from djdesk_runtime.serving.judging import Header

    type Refuses = Callable[[str, str, Header], bool]


@dataclass(slots=True)
class Manners:
    """How connections behave: what they refuse, and whether each answer is their last."""

    refuses: Refuses
    closing: bool = False


class ForbiddenError(Error):
    """The answer to a request that is refused."""

    def __init__(self) -> None:
        super().__init__("")

    # Any: the published stubs say that the body is a text.
    def to_response(self, ident: str | None = None) -> Any:  # noqa: ANN401, ARG002
        """Return status, headers and body."""
        return FORBIDDEN_STATUS, list(FORBIDDEN_HEADERS), FORBIDDEN_BODY


def polite_channels(manners: Manners) -> type[HTTPChannel]:
    """Return the class of connections that behave according to *manners*."""

    class Parser(HTTPRequestParser):
        """Reads a request."""

        def received(self, data: bytes) -> int:
            """Read on; a request that is refused ends with its headers."""
            had_headers = self.headers_finished
            try:
                used = super().received(data)
            except ValueError:
                # An address or a length that Python's own functions refuse to read.
                return give_up(self, BadRequest("Malformed request"), data)
            if had_headers or not self.headers_finished or self.empty or self.error:
                return used
            if refused(self):
                return give_up(self, ForbiddenError(), data)
            if manners.closing:
                say_last(self)
            return used

    def refused(request: HTTPRequestParser) -> bool:
        # The published stubs lack one of these and say that the other is bytes.
        method, target = cast("str", request.command), cast("Any", request).request_uri
        return manners.refuses(method, target, request.headers.get)

    class Channel(HTTPChannel):
        """One connection."""

        parser_class = Parser

    return Channel


def give_up(request: HTTPRequestParser, error: Error, data: bytes) -> int:
    """Answer *request* with *error* and use up *data*; the connection ends with the answer."""
    request.error = error
    request.expect_continue = False
    request.completed = True
    return len(data)


def say_last(request: HTTPRequestParser) -> None:
    """Let the answer to *request* say that it is the connection's last, if it is not begun."""
    cast("dict[str, str]", request.headers)["CONNECTION"] = "close"
