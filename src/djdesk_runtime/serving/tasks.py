"""Answers as HTTP/1.1 frames them, whatever the project says of theirs (RFC 9110, RFC 9112)."""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING, Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import ClientDisconnected
from waitress.task import ErrorTask, Task, WSGITask
from waitress.utilities import build_http_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# In the environment of a request: call it with a function that is called when its client is gone.
ON_GONE = "djdesk.on_gone"

EVENT_STREAM = "text/event-stream"

NO_CONTENT = ("1", "204", "304")


class Framing(Task):
    """What answers of the project and refusals have in common."""

    # Any: the published stubs lack some attributes, and say of others that they are bytes.
    request: Any
    channel: Any
    pieces = 0

    @property
    def is_head(self) -> bool:
        """Whether only headers were asked for."""
        # Not of this task's own request: waitress makes another for an error of the project.
        asked = self.channel.requests[0] if self.channel.requests else self.request
        return getattr(asked, "command", "") == "HEAD"

    def build_response_header(self) -> bytes:
        """Return the status line and the headers, and decide how the body will end."""
        self.response_headers = list(self._framed_headers())
        lines = [f"HTTP/{self.version} {self.status}"]
        lines += [f"{name}: {value}" for name, value in sorted(self.response_headers, key=by_name)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _framed_headers(self) -> Iterable[tuple[str, str]]:
        has_content = not self.status.startswith(NO_CONTENT)
        headers = [
            (name, value)
            for name, value in self.response_headers
            if has_content or name.lower() != "content-length"
        ]
        names = {name.lower() for name, _ in headers}
        if has_content and "content-length" not in names:
            if self.content_length is not None:
                headers.append(("Content-Length", str(self.content_length)))
            elif self.version == "1.1":
                headers.append(("Transfer-Encoding", "chunked"))
                self.chunked_response = True
            else:
                self.close_on_finish = True
        if self._client_closes():
            self.close_on_finish = True
        if self.close_on_finish and "connection" not in names:
            headers.append(("Connection", "close"))
        elif self.version == "1.0" and not self.close_on_finish:
            headers.append(("Connection", "Keep-Alive"))
        if "date" not in names:
            headers.append(("Date", build_http_date(self.start_time)))
        return headers

    def _client_closes(self) -> bool:
        """Tell whether the request says that the connection ends with its answer."""
        options = {
            option.strip().lower()
            for option in self.request.headers.get("CONNECTION", "").split(",")
        }
        return "close" in options or (self.version == "1.0" and "keep-alive" not in options)

    def write(self, data: bytes) -> None:
        """Send *data*. Raises `ClientDisconnected` in a stream when nobody listens any more."""
        if self.is_head:
            super().write(b"")
            return
        if self.wrote_header and self.content_length is None and self.channel.gone:
            raise ClientDisconnected
        super().write(data)
        self.pieces += 1
        if self.chunked_response or self.pieces > 1:
            # More may come at any time, or never.
            self.channel.begin_stream(endless=self._is_event_stream())

    def _is_event_stream(self) -> bool:
        """Tell whether the answer goes on for as long as its client is there."""
        return any(
            name.lower() == "content-type" and value.lower().startswith(EVENT_STREAM)
            for name, value in self.response_headers
        )

    def finish(self) -> None:
        """End the body."""
        if not self.wrote_header:
            self.write(b"")
        if self.chunked_response and not self.is_head:
            self.channel.write_soon(b"0\r\n\r\n")


class RefusalTask(Framing, ErrorTask):
    """The answer to what the project is not asked about."""


class ProjectTask(Framing, WSGITask):
    """The project's answer."""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment."""
        environ: dict[str, Any] = super().get_environment()
        environ["wsgi.file_wrapper"] = FileBody
        environ[ON_GONE] = self.channel.on_gone
        return environ


class FileBody(ReadOnlyFileBasedBuffer):
    """A file that is sent as far as it was announced."""

    def get(self, numbytes: int = -1, skip: bool = False) -> bytes:  # noqa: FBT001, FBT002 - waitress'
        """Return the next bytes. Raises OSError when the file ends early: it was shortened.

        Without that the connection would wait for the rest for ever.
        """
        data: bytes = super().get(numbytes, skip)
        if not data and numbytes and self.remain:
            raise OSError("the file became shorter while it was sent")
        return data


def without_body(application: WSGIApplication) -> WSGIApplication:
    """Return *application* with bodies that are not made where only headers are asked for.

    One in a single piece stays: its length is a header.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD" or (isinstance(body, Sized) and len(body) == 1):
            return body
        close: Callable[[], None] | None = getattr(body, "close", None)
        if close is not None:
            close()
        return []

    return answer


def by_name(header: tuple[str, str]) -> str:
    """Return what headers are sorted by; those of one name stay in their order."""
    return header[0].lower()
