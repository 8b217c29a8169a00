"""Where an archive may be had: a mirror of the user's own, else the pinned places. Pure.

The layout and the rules are those of uv's UV_PYTHON_INSTALL_MIRROR, so that one mirror
serves both: `<mirror>/<release>/<file>` with `+` written as `%2B`, and nothing else is
asked when a mirror is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from build_support.errors import UsageError
from build_support.published import urls
from build_support.published.pins import Pin, Pins

#: The environment variables that name a mirror; the first that is set counts.
MIRROR_VARIABLES = ("DJDESK_PYTHON_MIRROR", "UV_PYTHON_INSTALL_MIRROR")


@dataclass(frozen=True, slots=True)
class Source:
    """A place that may have the archive. `url` may hold a password; `name` never does."""

    name: str
    url: str = field(repr=False)


def archive_urls(pin: Pin, pins: Pins, environment: Mapping[str, str]) -> tuple[Source, ...]:
    """Return where to ask for an archive, in order.

    Raises UsageError when a mirror is named by a URL that cannot be used.
    """
    for variable in MIRROR_VARIABLES:
        if mirror := environment.get(variable, "").strip():
            return (_mirror(variable, mirror, pin),)
    return tuple(Source(_place(prefix), _url(prefix, pin)) for prefix in pins.sources)


def _mirror(variable: str, mirror: str, pin: Pin) -> Source:
    if problem := urls.complaint(mirror):
        raise UsageError(
            f"The mirror in {variable} cannot be used: {urls.redacted(mirror)}",
            why=f"{problem[0].upper()}{problem[1:]}.",
            hint=f"Set {variable} to the folder above the release's: the archive is expected at\n"
            f"<mirror>/{pin.release}/{pin.file.replace('+', '%2B')}",
        )
    return Source(f"the mirror {_place(mirror)} ({variable})", _url(mirror, pin))


def _url(prefix: str, pin: Pin) -> str:
    return f"{prefix.rstrip('/')}/{quote(pin.release, safe='')}/{quote(pin.file, safe='')}"


def _place(prefix: str) -> str:
    if urls.is_file(prefix):
        return str(urls.file_path(prefix))
    return urlsplit(prefix).netloc.rpartition("@")[2]
