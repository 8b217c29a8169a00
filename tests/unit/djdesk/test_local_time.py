import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from djdesk.local_time import LocalZone, local_time_middleware, system_zone_name
from tests import unix

posix_only = pytest.mark.skipif(not hasattr(time, "tzset"), reason="not so on Windows")

SUMMER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
WINTER = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as context:
        context.setenv("TZ", "Europe/Berlin")
        unix.tzset()
        yield
    unix.tzset()


@posix_only
@pytest.mark.usefixtures("berlin")
def test_the_computer_s_clock_is_shown_in_summer_and_winter() -> None:
    zone = LocalZone()
    assert f"{SUMMER.astimezone(zone):%H:%M %Z}" == "14:00 CEST"
    assert f"{WINTER.astimezone(zone):%H:%M %Z}" == "13:00 CET"
    assert SUMMER.astimezone(zone).isoformat() == "2026-07-01T14:00:00+02:00"
    assert SUMMER.astimezone(zone) == SUMMER


@posix_only
@pytest.mark.usefixtures("berlin")
def test_a_request_is_answered_in_local_time() -> None:
    def show(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{timezone.localtime(SUMMER):%H:%M}")

    assert local_time_middleware(show)(HttpRequest()).content == b"14:00"


def test_a_zone_without_a_moment_has_no_offset() -> None:
    zone = LocalZone()
    assert (zone.utcoffset(None), zone.dst(None), zone.tzname(None)) == (None, None, None)


@posix_only
@pytest.mark.parametrize(
    ("variable", "link", "expected"),
    [
        ("Europe/Paris", "/usr/share/zoneinfo/Asia/Tokyo", "Europe/Paris"),
        (":Europe/Paris", None, "Europe/Paris"),
        ("", "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("", "/var/db/timezone/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("", "../usr/share/zoneinfo/Etc/UTC", "Etc/UTC"),
        ("CET-1CEST,M3.5.0", "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("../../etc/passwd", "/somewhere/else", "UTC"),
        ("", "/usr/share/zoneinfo/No/Where", "UTC"),
        ("", None, "UTC"),
    ],
)
def test_the_name_of_the_zone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    link: str | None,
    expected: str,
) -> None:
    monkeypatch.setenv("TZ", variable)
    localtime = tmp_path / "localtime"
    if link is not None:
        localtime.symlink_to(link)
    assert system_zone_name(localtime) == expected


def test_a_copy_of_a_zone_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    (tmp_path / "localtime").write_bytes(b"TZif2")
    assert system_zone_name(tmp_path / "localtime") == "UTC"
