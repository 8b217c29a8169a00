from __future__ import annotations

from pathlib import Path

import pytest

from build_support.errors import IntegrityError
from build_support.published.partial import Origin, Part, strong_validator

DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
OLD = "Sun, 22 Nov 2026 11:59:00 GMT"
YOUNG = "Sun, 22 Nov 2026 11:59:01 GMT"


@pytest.mark.parametrize(
    ("etag", "modified", "date", "validator"),
    [
        ('"a"', OLD, DATE, '"a"'),
        ('W/"a"', OLD, DATE, ""),
        ("", OLD, DATE, OLD),
        ("", YOUNG, DATE, ""),
        ("", OLD, "", ""),
        ("", "yesterday", DATE, ""),
        ("", "", "", ""),
    ],
)
def test_strong_validator(etag: str, modified: str, date: str, validator: str) -> None:
    assert strong_validator(etag, modified, date) == validator


def test_a_part_is_resumable_only_for_its_own_url(tmp_path: Path) -> None:
    part = Part(tmp_path / "file")
    origin = Origin("https://a/file", '"v1"', 10)
    part.begin(origin)
    assert part.resumable(origin.url) is None, "nothing has come yet"
    part.path.write_bytes(b"12345")
    assert part.resumable(origin.url) == origin
    assert part.resumable("https://b/file") is None


def test_a_part_without_validator_is_not_resumable(tmp_path: Path) -> None:
    part = Part(tmp_path / "file")
    part.begin(Origin("https://a/file", "", 10))
    part.path.write_bytes(b"12345")
    assert part.resumable("https://a/file") is None


def test_beginning_forgets_what_was_there(tmp_path: Path) -> None:
    part = Part(tmp_path / "file")
    part.path.write_bytes(b"old")
    part.begin(Origin("https://a/file", '"v1"', None))
    assert part.size() == 0


def test_install_replaces_and_cleans(tmp_path: Path) -> None:
    part = Part(tmp_path / "file")
    part.destination.write_bytes(b"damaged")
    part.begin(Origin("https://a/file", '"v1"', None))
    part.path.write_bytes(b"good")
    part.install("same", "same", "a")
    assert part.destination.read_bytes() == b"good"
    assert list(tmp_path.iterdir()) == [part.destination]


def test_a_mismatch_deletes_the_part_and_nothing_else(tmp_path: Path) -> None:
    part = Part(tmp_path / "file")
    part.destination.write_bytes(b"previous")
    part.begin(Origin("https://a/file", '"v1"', None))
    part.path.write_bytes(b"bad")
    with pytest.raises(
        IntegrityError, match=r"(?s)expected.*cafe.*actual.*beef.*the source.*3 byt"
    ):
        part.install("beef", "cafe", "the source")
    assert list(tmp_path.iterdir()) == [part.destination]
