"""Who is let in: a pure judgement of what a request says of itself.

Any page in the user's browser can send requests to a port of 127.0.0.1, and so can every other
user of the computer. Neither knows the token. What a browser tells about where a request comes
from (Origin, Sec-Fetch-*) keeps out those that a browser sends with our cookie for others.
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
    if not asked.target.startswith("/"):
        return Verdict.TARGET
    if asked.host != access.host:
        return Verdict.HOST
    if not from_own_site(asked):
        return Verdict.SITE
    if not from_own_origin(asked, access):
        return Verdict.ORIGIN
    if is_known(asked, access):
        return Verdict.SERVE
    return Verdict.OPEN if is_link(asked, access) else Verdict.ACCESS


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


def is_known(asked: Asked, access: Access) -> bool:
    """Tell whether the request shows the token or the cookie."""
    if asked.token is not None and same(asked.token, access.token):
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
