"""What a project wants of the desktop: some keys of [tool.djdesk], one object of `bundle.json`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from build_support.errors import ProjectError
from build_support.projects.sizes import parse_size

#: What a page can ask Electron for, by Electron's names. Left out are `openExternal`, because
#: the shell itself decides which links leave it, and what needs a choice of devices.
#: https://www.electronjs.org/docs/latest/api/session#sessetpermissionrequesthandlerhandler
PERMISSIONS = frozenset(
    {
        "clipboard-read",
        "clipboard-sanitized-write",
        "fileSystem",
        "fullscreen",
        "geolocation",
        "idle-detection",
        "keyboardLock",
        "media",
        "mediaKeySystem",
        "midi",
        "midiSysex",
        "notifications",
        "pointerLock",
        "speaker-selection",
        "storage-access",
        "top-level-storage-access",
        "window-management",
    }
)
#: Values of SQLite's `PRAGMA synchronous`; the first is the default.
SYNCHRONOUS = ("NORMAL", "FULL")
SENTRY_SDK = "sentry-sdk"

#: As electron/lib/shell/support.js has it.
_E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_DSN_KEY = re.compile(r"[0-9A-Za-z_-]+")
_DSN_PATH = re.compile(r"(/[\w.~-]+)*/[0-9]+")


@dataclass(frozen=True, slots=True)
class Desktop:
    """The object `desktop`. `sentry_dsn` is None where errors are reported to nobody.

    `max_upload` is how many bytes a request may bring, None for as many as the disk has room for.
    `support` is an e-mail address or an https address, None where users can write to nobody.
    """

    permissions: tuple[str, ...] = ()
    synchronous: str = SYNCHRONOUS[0]
    sentry_dsn: str | None = None
    max_upload: int | None = None
    support: str | None = None


#: What a project gets that asks for nothing.
DEFAULT = Desktop()


def read_desktop(file: Path, table: Mapping[str, Any]) -> Desktop:
    """Read the keys from the table [tool.djdesk] of a pyproject.toml.

    Raises ProjectError, naming the file and the key, when a value is wrong.
    """
    return Desktop(
        permissions=_permissions(file, table.get("permissions", [])),
        synchronous=_synchronous(file, table.get("synchronous", SYNCHRONOUS[0])),
        sentry_dsn=_sentry_dsn(file, table.get("sentry-dsn")),
        max_upload=_max_upload(file, table.get("max-upload")),
        support=_support(file, table.get("support")),
    )


def parse_desktop(document: object) -> Desktop:
    """Read the object as a bundle's manifest has it; None stands for one without it.

    Raises ValueError or TypeError when it is of another shape.
    """
    if document is None:
        return DEFAULT
    if not isinstance(document, dict):
        raise TypeError("desktop is not an object")
    desktop = Desktop(**document)
    permissions, others = document.get("permissions", []), (desktop.sentry_dsn, desktop.support)
    if not _are_texts(permissions) or not all(isinstance(one, str | None) for one in others):
        raise TypeError("desktop holds a value of another type")
    if desktop.synchronous not in SYNCHRONOUS:
        raise ValueError(f"synchronous is {desktop.synchronous!r}")
    most = document.get("max_upload")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most <= 0):
        raise ValueError(f"max_upload is {most!r}")
    return replace(desktop, permissions=tuple(permissions))


def check_error_reporting(desktop: Desktop, locked: Iterable[str], *, lock: Path) -> None:
    """Check that what reports errors is among the names of a lock, if errors are reported.

    Raises ProjectError when it is not: nothing would ever be reported.
    """
    names = {canonicalize_name(name) for name in locked}
    if desktop.sentry_dsn is not None and SENTRY_SDK not in names:
        raise ProjectError(
            f"Errors cannot be reported: the lock {lock} has no {SENTRY_SDK}.",
            why="[tool.djdesk] has 'sentry-dsn', and only that package knows how to use it.",
            hint=f"Add {SENTRY_SDK!r} to what the project depends on, and write the lock again, "
            "or take 'sentry-dsn' away.",
        )


def _permissions(file: Path, value: object) -> tuple[str, ...]:
    if not _are_texts(value):
        raise ProjectError(f"{file}: [tool.djdesk] permissions must be a list of texts.")
    if unknown := [name for name in value if name not in PERMISSIONS]:
        raise ProjectError(
            f"{file}: [tool.djdesk] permissions holds {', '.join(map(repr, unknown))}.",
            why="There is no permission of that name that a page can be given.",
            hint=f"The permissions are: {', '.join(sorted(PERMISSIONS))}.",
        )
    return tuple(dict.fromkeys(value))


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _synchronous(file: Path, value: object) -> str:
    if not isinstance(value, str) or value not in SYNCHRONOUS:
        raise ProjectError(
            f"{file}: [tool.djdesk] synchronous = {value!r} is neither NORMAL nor FULL.",
            why="It says how SQLite writes: with NORMAL a power cut may undo the last changes, "
            "with FULL it undoes none and every change takes longer.",
            hint='Write synchronous = "FULL", or leave it out for NORMAL.',
        )
    return value


def _max_upload(file: Path, value: object) -> int | None:
    if value is None:
        return None
    try:
        most = parse_size(value) if isinstance(value, str) else 0
    except ValueError:
        most = 0
    if most == 0:
        raise ProjectError(
            f"{file}: [tool.djdesk] max-upload = {value!r} is not a size.",
            why="It says how much one request may bring, as a number and a unit: kB, MB, GB, TB, "
            "or KiB, MiB, GiB, TiB.",
            hint='Write max-upload = "2 GB", or leave it out for as much as the disk has room for.',
        )
    return most


def _sentry_dsn(file: Path, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or (why := _wrong_in_dsn(value)):
        raise ProjectError(
            # Not the value: older ones hold a secret key as well.
            f"{file}: [tool.djdesk] sentry-dsn is not of the right form.",
            why=why if isinstance(value, str) else "It is not a text.",
            hint="Copy it from the project's settings in Sentry; it looks like "
            '"https://0123456789abcdef@sentry.example.org/42".',
        )
    return value


def _support(file: Path, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not (_E_MAIL.fullmatch(value) or _is_web_page(value)):
        raise ProjectError(
            f"{file}: [tool.djdesk] support = {value!r} is neither an e-mail address nor an "
            "https address.",
            why="Users are offered it where the application fails, and in its Help menu.",
            hint='Write support = "help@example.org" or "https://example.org/help", or leave it '
            "out.",
        )
    return value


def _is_web_page(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
    return named and text.startswith("https://") and re.fullmatch(r"[!-~]*", text) is not None


def _wrong_in_dsn(text: str) -> str:
    """Say what is wrong with a DSN; nothing if it is a public key, a host and a number."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return str(error)
    demands = {
        "It holds a character that no address has.": re.fullmatch(r"[!-~]*", text),
        "It is no https address.": parts.scheme in {"https", "http"} and host,
        "Reports would cross the network unencrypted: http is for this machine alone.": (
            parts.scheme == "https" or host in _LOOPBACK
        ),
        "It holds a secret key, which everybody with the application could read.": (
            parts.password is None
        ),
        "There is no public key before the @.": _DSN_KEY.fullmatch(parts.username or ""),
        "It does not end in a slash and the number of a project.": (
            _DSN_PATH.fullmatch(parts.path) and not parts.query and not parts.fragment
        ),
    }
    return next((why for why, met in demands.items() if not met), "")
