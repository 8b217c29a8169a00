"""Uploaded files, served under MEDIA_URL in a way that cannot harm the application."""

from __future__ import annotations

import ntpath
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import (
    FileResponse,
    Http404,
    HttpResponseBase,
    HttpResponseNotAllowed,
)
from django.urls import Resolver404, resolve
from django.utils._os import safe_join
from django.utils.http import http_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    type View = Callable[[HttpRequest], HttpResponseBase]

# ValueError: a null byte in the path.
NO_SUCH_FILE = (OSError, ValueError, SuspiciousFileOperation)

# An uploaded page may look as it likes, but runs no script, sends nothing and has no origin.
SANDBOX = (
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Vary": "Sec-Fetch-Site",
}
# What macOS writes a path into, in bytes.
LONGEST_PATH = 1024

# Chromium's viewer shows nothing in a sandbox, and is one itself.
WITHOUT_SANDBOX = frozenset({"application/pdf"})


def media_middleware(get_response: View) -> View:
    """Answer requests for uploaded files and pass the others on."""
    prefix: str = settings.MEDIA_URL
    root = Path(settings.MEDIA_ROOT)

    def answer(request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not path.startswith(prefix) or served_by_project(path, prefix):
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = media_file(root, prefix, path.removeprefix(prefix))
        response.headers["Cross-Origin-Resource-Policy"] = readers(request)
        return response

    return answer


def readers(request: HttpRequest) -> str:
    """Return to whose pages the browser may give the file.

    The gate has let a request of another site in by the token alone: a sandboxed frame of the
    application's makes it, which has no origin that would be the same.
    """
    return (
        "cross-origin" if request.headers.get("Sec-Fetch-Site") == "cross-site" else "same-origin"
    )


def served_by_project(path: str, prefix: str) -> bool:
    """Tell whether the project has a URL pattern of its own below *prefix* for *path*.

    One that checks who asks must not be bypassed. A pattern that matches everything is not
    meant: in production such a project has files served in front of it as well.
    """
    try:
        route = resolve(path).route
    except Resolver404:
        return False
    return route.removeprefix("^").startswith(prefix.lstrip("/"))


def media_file(root: Path, prefix: str, name: str) -> HttpResponseBase:
    """Return the file *name* below *root*; Http404 when there is none for others to read."""
    try:
        path = Path(safe_join(root, name))
        if is_reserved(name) or not path.is_file():
            raise Http404
        file = path.open("rb")
    except NO_SUCH_FILE as error:
        raise Http404 from error
    real = path_on_disk(file, path)
    if real != path and is_served_under_its_name(root, prefix, real):
        file.close()
        raise Http404
    response = FileResponse(file, headers=HEADERS)
    response.headers["Last-Modified"] = http_date(os.fstat(file.fileno()).st_mtime)
    if response.headers["Content-Type"] not in WITHOUT_SANDBOX:
        response.headers["Content-Security-Policy"] = SANDBOX
    return response


def is_reserved(name: str) -> bool:
    """Tell whether Windows sees something else than a file in *name*: a device, or a stream."""
    return sys.platform == "win32" and ntpath.isreserved(name)


def path_on_disk(file: BinaryIO, path: Path) -> Path:
    """Return what the file at *path* is really called.

    Windows and macOS open a file by its name in other letters, Windows also by a short one.
    """
    real = path
    if sys.platform == "win32":
        real = Path(os.path.realpath(path))
    elif sys.platform == "darwin":
        import fcntl

        called = fcntl.fcntl(file.fileno(), fcntl.F_GETPATH, bytes(LONGEST_PATH))
        real = Path(os.fsdecode(called.rstrip(b"\0")))
    return real


def is_served_under_its_name(root: Path, prefix: str, real: Path) -> bool:
    """Tell whether the project serves the file at *real*, which was asked for by another name."""
    try:
        name = real.relative_to(os.path.realpath(root))
    except ValueError:
        return False
    return served_by_project(prefix + name.as_posix(), prefix)
