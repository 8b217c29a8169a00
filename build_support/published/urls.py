"""Addresses: which may be asked for a file, and how to show one without its secrets. Pure."""

from __future__ import annotations

import base64
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import url2pathname


@dataclass(frozen=True, slots=True)
class Address:
    """A URL without its user and password, and the Authorization header made of these."""

    url: str
    authorization: str = field(default="", repr=False)


def split_credentials(url: str) -> Address:
    """Take user and password out of a URL, so that neither can end in a log or a message."""
    parts = urlsplit(url)
    userinfo, at, place = parts.netloc.rpartition("@")
    bare = urlunsplit(parts._replace(netloc=place))
    if not at:
        return Address(bare)
    user, _, password = userinfo.partition(":")
    token = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return Address(bare, f"Basic {token}")


def redacted(url: str) -> str:
    """Return a URL for people: without user, password, query and fragment.

    The query is left out because storage services put signatures there.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(SplitResult(parts.scheme, place, parts.path, "", ""))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine: localhost, 127.0.0.0/8 or ::1."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def complaint(url: str) -> str:
    """Say why a URL may not be a source of archives; an empty text means that it may.

    Allowed are https anywhere, http on this machine only, and file with an absolute path.
    """
    if any(character.isspace() or not character.isprintable() for character in url) or "\\" in url:
        return "it has a blank, a backslash or a control character in it"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "it cannot be read as a URL"
    if parts.query or parts.fragment:
        return "it has a part after ? or #, where the path of the archive has to follow"
    return _complaint_about(parts, host)


def _complaint_about(parts: SplitResult, host: str) -> str:
    if parts.scheme == "file":
        if host not in {"", "localhost"} or not parts.path.startswith("/"):
            return "a file URL needs three slashes and an absolute path: file:///folder"
        return ""
    if parts.scheme not in {"http", "https"}:
        return "only https://, file:/// and, on this machine, http:// are possible"
    if not host:
        return "it names no host"
    if parts.scheme == "http" and not is_loopback(host):
        return "plain http:// is possible only on this machine (localhost); use https://"
    return ""


def is_file(url: str) -> bool:
    """Whether a URL names a file of this machine."""
    return urlsplit(url).scheme == "file"


def file_path(url: str) -> Path:
    """Return the path that a file URL names, percent-decoded: `%2B` there is `+` on disk."""
    return Path(url2pathname(urlsplit(url).path))
