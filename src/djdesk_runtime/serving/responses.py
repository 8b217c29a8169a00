"""Responses completed as a front-end server would: validators, ranges, lengths, streams.

The first of all middleware: it sees what the project, WhiteNoise and the media files answer.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django.http import FileResponse, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe

from djdesk_runtime.serving.asynchronous import AsyncPieces
from djdesk_runtime.serving.ranges import Section, UnsatisfiableError, read_range
from djdesk_runtime.serving.tasks import ON_GONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from django.http import HttpRequest, HttpResponseBase

    type View = Callable[[HttpRequest], HttpResponseBase]

# All but TRACE, which would show a page what the browser does not tell it.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

# What belongs to the connection; a WSGI server refuses a response that has one of them.
HOP_BY_HOP = (
    "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailers",
    "Transfer-Encoding", "Upgrade",
)  # fmt: skip

# Where Django keeps what is closed with a response.
CLOSERS = "_resource_closers"

OK, PARTIAL_CONTENT, UNSATISFIABLE = 200, 206, 416
NO_FILE = (AttributeError, OSError, TypeError, ValueError)


def response_middleware(get_response: View) -> View:
    """Complete every response."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method == "TRACE":
            return HttpResponseNotAllowed(METHODS)
        response = get_response(request)
        for name in HOP_BY_HOP:
            response.headers.pop(name, None)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        elif isinstance(response, StreamingHttpResponse) and response.is_async:
            source = cast("AsyncIterator[bytes]", response.streaming_content)
            pieces = AsyncPieces(source, request.META.get(ON_GONE))
            response.streaming_content = pieces
        if request.method in {"GET", "HEAD"} and response.status_code == OK:
            return selected_response(request, response)
        return response

    return answer


def selected_response(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return *response*, a part of it, or why there is nothing of it, as *request* has it."""
    file = file_of(response)
    modified = None
    if file is not None:
        modified = add_validators(response, file)
        response.headers["Accept-Ranges"] = "bytes"
    etag, last_modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
    if last_modified:
        modified = parse_http_date_safe(last_modified)
    if etag or modified:
        conditional = get_conditional_response(
            request, etag, modified, cast("HttpResponse", response)
        )
        if conditional is not None and conditional is not response:
            return instead_of(response, conditional)
    if file is not None and is_part_wanted(request, etag, last_modified):
        return partial_response(request, cast("FileResponse", response), file)
    return response


def file_of(response: HttpResponseBase) -> BinaryIO | None:
    """Return the file that *response* sends, None if it cannot be sent from any place on."""
    file: BinaryIO | None = getattr(response, "file_to_stream", None)
    if file is None or not isinstance(response, FileResponse):
        return None
    try:
        return file if file.seekable() and "Content-Length" in response.headers else None
    except NO_FILE:
        return None


def add_validators(response: HttpResponseBase, file: BinaryIO) -> int | None:
    """Give *response* an ETag made of the time and the size of *file*, and return the time.

    Not that time as Last-Modified: a browser would guess from it how long it need not ask again.
    None if it is not a file of the system.
    """
    try:
        status = os.fstat(file.fileno())
    except NO_FILE:
        return None
    response.headers.setdefault("ETag", f'"{status.st_mtime_ns:x}-{status.st_size:x}"')
    return int(status.st_mtime)


def is_part_wanted(request: HttpRequest, etag: str | None, last_modified: str | None) -> bool:
    """Tell whether a range is asked for, and of what there is now (RFC 9110, 13.1.5)."""
    if request.method != "GET" or "Range" not in request.headers:
        return False
    condition = request.headers.get("If-Range")
    if condition is None:
        return True
    if condition.startswith('"'):
        return condition == etag
    return condition == last_modified


def partial_response(
    request: HttpRequest, response: FileResponse, file: BinaryIO
) -> HttpResponseBase:
    """Return the part of *file* that is asked for, all of it, or that there is no such part."""
    length, start = int(response.headers["Content-Length"]), file.tell()
    try:
        part = read_range(request.headers["Range"], length)
    except UnsatisfiableError:
        headers = {"Content-Range": f"bytes */{length}", "Accept-Ranges": "bytes"}
        return instead_of(
            response, HttpResponse(status=UNSATISFIABLE, headers=headers | {"Content-Length": "0"})
        )
    if part is None:
        return response
    headers = dict(response.headers)
    # Replacing the content replaces headers that the view may have chosen.
    response.streaming_content = Section(file, range(start + part.start, start + part.stop))
    for name, value in headers.items():
        response.headers[name] = value
    response.headers["Content-Length"] = str(len(part))
    response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{length}"
    response.status_code = PARTIAL_CONTENT
    return response


def instead_of(response: HttpResponseBase, other: HttpResponseBase) -> HttpResponseBase:
    """Return *other*, which closes what *response* had opened."""
    # By `response.close` Django would be told the end of the request twice.
    opened: Any = getattr(response, CLOSERS)
    getattr(other, CLOSERS).extend(opened)
    return other
