"""Who is let in: a pure judgement of what a request says of itself.

Any page in the user's browser can send requests to a port of 127.0.0.1, and so can every other
user of the computer. Neither knows the token. The shell adds it to requests of its own pages
only, so it comes first: a sandboxed frame of the application has no origin, is "cross-site" even
to its own pictures, and gets them. A cookie comes with what others make the browser send as well:
beside it, what a browser tells of where a request comes from (Origin, Sec-Fetch-*) decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from djdesk_runtime.serving.access import LINK_PATH, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from djdesk_runtime.serving.access import Access

    type Header = Callable[[str], str | None]

OWN_SITES = frozenset({"same-origin", "none"})

# The methods that change nothing, as far as a project keeps to HTTP.
READING = frozenset({"GET", "HEAD"})


class Verdict(Enum):
    """What becomes of a request. All but the first two are refusals; the value says why."""

    SERVE = "served"
    OPEN = "may use the link"
    TARGET = "its target is not a path"
    HOST = "its Host is not the one of this server"
    SITE = "another site sent it"
    ORIGIN = "its Origin is another one"
    ACCESS = "it has neither the token nor the cookie"

    @property
    def refuses(self) -> bool:
        """Whether nothing is served."""
        return self not in {Verdict.SERVE, Verdict.OPEN}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as it is judged; None for a header that it does not have.

    *target* is what stands between the method and the version in the first line.
    """

    method: str
    target: str
    host: str | None = None
    token: str | None = None
    cookies: str = ""
    origin: str | None = None
    fetch_site: str | None = None
    fetch_mode: str | None = None
    fetch_dest: str | None = None


def read_request(method: str, target: str, header: Header) -> Asked:
    """Return the request; *header* gives the value of one by its name in CGI's way."""
    return Asked(
        method=method,
        target=target,
        host=header("HOST"),
        token=header("X_DJDESK_TOKEN"),
        cookies=header("COOKIE") or "",
        origin=header("ORIGIN"),
        fetch_site=header("SEC_FETCH_SITE"),
        fetch_mode=header("SEC_FETCH_MODE"),
        fetch_dest=header("SEC_FETCH_DEST"),
    )


def judge(asked: Asked, access: Access) -> Verdict:
    """Return what becomes of a request where *access* is given."""
    if not is_path(asked.target):
        return Verdict.TARGET
    if asked.host != access.host:
        return Verdict.HOST
    if not (has_token(asked, access) and from_sandbox(asked)):
        if not from_own_site(asked):
            return Verdict.SITE
        if not from_own_origin(asked, access):
            return Verdict.ORIGIN
    if is_known(asked, access):
        return Verdict.SERVE
    return Verdict.OPEN if is_link(asked, access) else Verdict.ACCESS


def is_path(target: str) -> bool:
    """Tell whether *target* is a path with or without a query, as clients write it."""
    return target.startswith("/") and target.isascii() and target.isprintable()


def from_own_site(asked: Asked) -> bool:
    """Tell whether no other site sent the request, or one only led the user here."""
    if asked.fetch_site is None or asked.fetch_site in OWN_SITES:
        return True
    return (asked.method, asked.fetch_mode, asked.fetch_dest) == ("GET", "navigate", "document")


def from_own_origin(asked: Asked, access: Access) -> bool:
    """Tell whether a request that names its origin comes from one of our pages.

    All that change something do, and so does the handshake of a WebSocket: a GET with our
    cookie, also from a page on another port, and nothing else tells where it comes from.
    A page with ``Referrer-Policy: no-referrer`` sends ``Origin: null`` even to itself.
    """
    if asked.origin == "null":
        return asked.fetch_site == "same-origin"
    return asked.origin is None or asked.origin == access.url.rstrip("/")


def from_sandbox(asked: Asked) -> bool:
    """Tell whether the request reads, and may come from a document without an origin.

    One that names an origin, or comes from another port of this computer, comes from a page that
    has one: not even the token makes up for that. What changes something is left to those who
    have our origin.
    """
    return (
        asked.method in READING
        and asked.origin in {None, "null"}
        and asked.fetch_site in {None, "cross-site"}
    )


def has_token(asked: Asked, access: Access) -> bool:
    """Tell whether the request shows the token."""
    return asked.token is not None and same(asked.token, access.token)


def is_known(asked: Asked, access: Access) -> bool:
    """Tell whether the request shows the token or the cookie."""
    if has_token(asked, access):
        return True
    # Another server on 127.0.0.1 can add cookies of this name. Ours is among them all the same.
    return any(
        name == access.cookie_name and same(value, access.cookie)
        for name, value in cookies(asked.cookies)
    )


def is_link(asked: Asked, access: Access) -> bool:
    """Tell whether the request is the link that lets a browser in."""
    if not access.link_key or asked.method != "GET":
        return False
    return same(asked.target, LINK_PATH + access.link_key)


def cookies(header: str) -> list[tuple[str, str]]:
    """Return the names and values in a Cookie *header*."""
    pairs = (pair.partition("=") for pair in header.split(";"))
    return [(name.strip(), value.strip()) for name, _, value in pairs]
