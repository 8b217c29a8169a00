from __future__ import annotations

from pathlib import Path

import pytest

from build_support.published import urls


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://user:password@example.org:8443/a%20b/c",
        "HTTPS://example.org/",
        "http://localhost:8000/x",
        "http://127.0.0.1/x",
        "http://127.9.8.7/x",
        "http://[::1]:80/x",
        "file:///srv/mirror",
        "file://localhost/srv/mirror",
    ],
)
def test_usable(url: str) -> None:
    assert urls.complaint(url) == ""


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/x", "plain http"),
        ("http://localhost.example.org/x", "plain http"),
        ("http://127.0.0.1.example.org/x", "plain http"),
        ("http://127.0.0.1@example.org/x", "plain http"),
        ("http://128.0.0.1/x", "plain http"),
        ("http://127.0.0.1\\@example.org/", "backslash"),
        ("https://example.org/a b", "blank"),
        ("https://example.org/a\x1b[2J", "control character"),
        ("https:///x", "names no host"),
        ("https://example.org:port/x", "cannot be read"),
        ("https://[::1/x", "cannot be read"),
        ("https://example.org/x?sig=1", "after ?"),
        ("https://example.org/x#y", "after ?"),
        ("ftp://example.org/x", "only https"),
        ("/srv/mirror", "only https"),
        ("", "only https"),
        ("file:srv", "three slashes"),
        ("file://server/share", "three slashes"),
    ],
)
def test_unusable(url: str, reason: str) -> None:
    assert reason in urls.complaint(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@host:1/a", "https://host:1/a"),
        ("https://us@er:pa@ss@host/a", "https://host/a"),
        ("https://host/a?sig=secret#b", "https://host/a"),
        ("https://[bad", "(an address that cannot be read)"),
    ],
)
def test_redacted(url: str, shown: str) -> None:
    assert urls.redacted(url) == shown


def test_credentials_become_a_header() -> None:
    address = urls.split_credentials("https://user:p%40ss@host/a")
    assert address.url == "https://host/a"
    assert address.authorization == "Basic dXNlcjpwQHNz"
    assert "dXNlcjpwQHNz" not in repr(address)
    assert urls.split_credentials("https://host/a").authorization == ""


def test_a_file_url_is_decoded(tmp_path: Path) -> None:
    plus = tmp_path / "ä b+c"
    assert urls.file_path(plus.as_uri()) == plus
    assert urls.file_path(plus.as_uri().replace("+", "%2B")) == plus
