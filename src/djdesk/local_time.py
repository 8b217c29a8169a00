"""Show times as the clock of this computer shows them.

Django wants the IANA name of a zone in ``TIME_ZONE``, which macOS and Linux can tell and
Windows cannot. Pages are therefore shown in ``LocalZone``, which asks the operating system, and
the name only keeps Django, which sets ``TZ`` to it, from changing the system's answer.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class LocalZone(tzinfo):
    """The time zone of this computer, daylight saving time included."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """Return what local time is ahead of UTC at a local ``moment``."""
        return None if moment is None else _as_system_time(moment).utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Return None: the operating system tells only the whole offset."""
        del moment
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """Return the operating system's abbreviation, such as ``CET``."""
        return None if moment is None else _as_system_time(moment).tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """Return ``moment``, which carries UTC's digits and this zone, in local digits."""
        return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


def _as_system_time(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None).astimezone()


def system_zone_name(localtime: Path = Path("/etc/localtime")) -> str:
    """Return the IANA name of this computer's time zone, ``UTC`` where it has none to give.

    ``TZ`` wins, as it does everywhere on macOS and Linux; else ``localtime`` is a link into the
    zone database.
    """
    for name in (os.environ.get("TZ", "").removeprefix(":"), _name_from_link(localtime)):
        if _is_zone(name):
            return name
    return "UTC"


def _name_from_link(localtime: Path) -> str:
    if not localtime.is_symlink():
        return ""
    _, _, name = localtime.readlink().as_posix().partition("zoneinfo/")
    return name


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def local_time_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Render every page in this computer's time zone."""
    zone = LocalZone()

    def respond(request: HttpRequest) -> HttpResponse:
        with timezone.override(zone):
            return get_response(request)

    return respond
