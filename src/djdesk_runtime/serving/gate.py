"""The gate: in front of the project, its static files and its media, and outside Django.

It answers what it refuses always with the same bytes, which say nothing. What it lets through
loses the token and the cookie: the project has no use for them, and cannot give them away.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from djdesk_runtime.serving.judging import Verdict, cookies, judge, read_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from djdesk_runtime.serving.access import Access
    from djdesk_runtime.serving.judging import Header

FORBIDDEN_STATUS = "403 Forbidden"
FORBIDDEN_BODY = b"Forbidden"
FORBIDDEN_HEADERS = (("Content-Type", "text/plain"),)

# A redirect would not do: a Strict cookie is not sent along when another site led to the link.
OPENED_PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=/">
<title>Opening</title>
"""
OPENED_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(OPENED_PAGE))),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)

log = logging.getLogger(__name__)


def do_nothing() -> None:
    """Do nothing when the link was used."""


class Gate:
    """Lets requests in that *access* allows; calls *opened* once, when the link was used."""

    def __init__(self, access: Access, opened: Callable[[], None] = do_nothing) -> None:
        self._access = access
        self._opened = opened
        self._lock = threading.Lock()
        self._told: set[Verdict] = set()

    def refuses(self, method: str, target: str, header: Header) -> bool:
        """Tell whether nothing is served to a request; *header* knows names in CGI's way.

        The server asks as soon as it has read the headers, so that a stranger's body is not.
        """
        return self._verdict(method, target, header).refuses

    def guard(self, application: WSGIApplication) -> WSGIApplication:
        """Return *application* behind this gate."""

        def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            def header(name: str) -> str | None:
                value: str | None = environ.get(f"HTTP_{name}")
                return value

            verdict = self._verdict(environ["REQUEST_METHOD"], environ["REQUEST_URI"], header)
            if verdict is Verdict.SERVE:
                forget_secrets(environ, self._access.cookie_name)
                return application(environ, start_response)
            if verdict is Verdict.OPEN and self._take_link():
                return self._open(start_response)
            return forbid(start_response)

        return guarded

    def _verdict(self, method: str, target: str, header: Header) -> Verdict:
        """Judge a request; the first refusal for each reason goes to the log."""
        verdict = judge(read_request(method, target, header), self._access)
        if verdict.refuses and verdict not in self._told:
            self._told.add(verdict)
            log.warning("a request was refused: %s", verdict.value)
        return verdict

    def _take_link(self) -> bool:
        """Make the link invalid; False if somebody else was faster."""
        with self._lock:
            was_valid = bool(self._access.link_key)
            self._access = replace(self._access, link_key="")
        return was_valid

    def _open(self, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the link: with the cookie, and a page that goes to the first one."""
        self._opened()
        value = f"{self._access.cookie_name}={self._access.cookie}"
        cookie = ("Set-Cookie", f"{value}; HttpOnly; SameSite=Strict; Path=/")
        start_response("200 OK", [*OPENED_HEADERS, cookie])
        return [OPENED_PAGE]


def forbid(start_response: StartResponse) -> Iterable[bytes]:
    """Answer what is refused."""
    length = ("Content-Length", str(len(FORBIDDEN_BODY)))
    start_response(FORBIDDEN_STATUS, [*FORBIDDEN_HEADERS, length])
    return [FORBIDDEN_BODY]


def forget_secrets(environ: WSGIEnvironment, cookie_name: str) -> None:
    """Take the token and our cookie out of *environ*."""
    environ.pop("HTTP_X_DJDESK_TOKEN", None)
    if cookie_name not in environ.get("HTTP_COOKIE", ""):
        return
    pairs = cookies(environ.pop("HTTP_COOKIE"))
    if kept := [f"{name}={value}" for name, value in pairs if name != cookie_name]:
        environ["HTTP_COOKIE"] = "; ".join(kept)
