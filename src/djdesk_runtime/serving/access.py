"""The secrets of one run: who may talk to the server, and how it proves to be the right one."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

TOKEN_HEADER = "X-DJDesk-Token"  # noqa: S105 - the name of a header
LINK_PATH = "/.djdesk/open/"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Access:
    """What a request has to show. The secrets are in no text that this object is turned into.

    A request shows *token* in a header, or *cookie* in the cookie called *cookie_name*, which a
    browser gets by the link with *link_key*. An empty key is no link.
    """

    port: int
    cookie_name: str
    token: str = field(repr=False)
    cookie: str = field(repr=False)
    link_key: str = field(repr=False)

    @property
    def host(self) -> str:
        """The one name of this server, as a Host header says it."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address of the first page."""
        return f"http://{self.host}/"

    @property
    def link(self) -> str:
        """The address that lets a browser in, once; empty without a key."""
        return f"http://{self.host}{LINK_PATH}{self.link_key}" if self.link_key else ""


def grant_access(port: int, cookie_name: str, token: str) -> Access:
    """Return the access to the server on *port*: by *token*, or, if it is empty, by a link."""
    return Access(
        port=port,
        cookie_name=cookie_name,
        token=token or secrets.token_urlsafe(SECRET_BYTES),
        cookie=secrets.token_urlsafe(SECRET_BYTES),
        link_key="" if token else secrets.token_urlsafe(SECRET_BYTES),
    )


def proof_of(token: str, nonce: str, url: str) -> str:
    """Return what only a server that was given *token* and *nonce* can say about its *url*.

    HMAC-SHA256 in lowercase hexadecimal, as `electron/lib` computes it too.
    """
    message = f"djdesk-ready\n{nonce}\n{url}".encode()
    return hmac.digest(token.encode(), message, "sha256").hex()


def same(shown: str, secret: str) -> bool:
    """Compare in a time that does not tell how much of *shown* is right; empty is never right."""
    return bool(secret) and hmac.compare_digest(
        shown.encode("utf-8", "surrogateescape"), secret.encode()
    )
