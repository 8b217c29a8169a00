from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.errors import ProjectError
from build_support.projects.desktop import (
    DEFAULT,
    PERMISSIONS,
    Desktop,
    check_error_reporting,
    parse_desktop,
    read_desktop,
)

FILE = Path("project", "pyproject.toml")
DSN = "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.example/42"


def test_what_is_not_said_has_a_default() -> None:
    assert read_desktop(FILE, {"name": "x"}) == DEFAULT == Desktop((), "NORMAL", None, None)


def test_what_is_said_is_taken() -> None:
    table = {
        "permissions": ["notifications", "media", "notifications"],
        "synchronous": "FULL",
        "sentry-dsn": DSN,
        "max-upload": "2 GB",
        "support": "help@example.org",
    }
    expected = Desktop(("notifications", "media"), "FULL", DSN, 2_000_000_000, "help@example.org")
    assert read_desktop(FILE, table) == expected


def test_the_shell_knows_every_permission_that_can_be_listed() -> None:
    table = (ROOT / "electron" / "lib" / "policy" / "permissions.js").read_text(encoding="utf-8")
    rules = dict(re.findall(r'^  "?([\w-]+)"?: "(granted|listed|never)",$', table, re.MULTILINE))
    listed = {name for name, rule in rules.items() if rule == "listed"}
    granted = {name for name, rule in rules.items() if rule == "granted"}
    assert listed <= PERMISSIONS <= listed | granted


@pytest.mark.parametrize(
    "support",
    [
        *("help@example.org", "a.b+c@sub.example-site.org"),
        *("https://example.org", "https://example.org:8443/help?a=b#c"),
    ],
)
def test_support_is_an_address_of_mail_or_of_a_page(support: str) -> None:
    assert read_desktop(FILE, {"support": support}).support == support


def test_every_permission_can_be_listed_and_a_page_may_never_open_other_programs() -> None:
    names = sorted(PERMISSIONS)
    assert read_desktop(FILE, {"permissions": names}).permissions == tuple(names)
    assert {"notifications", "media", "geolocation", "clipboard-read", "fullscreen"} < PERMISSIONS
    assert "openExternal" not in PERMISSIONS


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("permissions", "media", "must be a list"),
        ("permissions", [1], "must be a list"),
        ("permissions", {"media": True}, "must be a list"),
        ("permissions", ["media", "camera", ""], "'camera', ''"),
        ("permissions", ["Media"], "'Media'"),
        ("permissions", ["openExternal"], "'openExternal'"),
        ("synchronous", "full", "neither NORMAL nor FULL"),
        ("synchronous", "OFF", "neither NORMAL nor FULL"),
        ("synchronous", 2, "neither NORMAL nor FULL"),
        ("synchronous", ["FULL"], "neither NORMAL nor FULL"),
        ("max-upload", 1000, "is not a size"),
        ("max-upload", "1000", "is not a size"),
        ("max-upload", "", "is not a size"),
        ("max-upload", "0 GB", "is not a size"),
        ("max-upload", "-1 GB", "is not a size"),
        ("max-upload", "2 Gb/s", "is not a size"),
        ("max-upload", "2,5 GB", "is not a size"),
        ("max-upload", "none", "is not a size"),
        ("max-upload", False, "is not a size"),
        ("support", "", "neither an e-mail address"),
        ("support", 1, "neither an e-mail address"),
        ("support", "example.org", "neither an e-mail address"),
        ("support", "http://example.org/", "neither an e-mail address"),
        ("support", "https://", "neither an e-mail address"),
        ("support", "https://user:secret@example.org/", "neither an e-mail address"),
        ("support", "https://example.org/ help", "neither an e-mail address"),
        ("support", "https://exa[mple.org/", "neither an e-mail address"),
        ("support", "javascript:alert(1)", "neither an e-mail address"),
        ("support", "mailto:help@example.org", "neither an e-mail address"),
        ("support", "help@example.org?attach=x", "neither an e-mail address"),
        ("support", "help@example.org\n", "neither an e-mail address"),
        ("sentry-dsn", False, "It is not a text"),
        ("sentry-dsn", "", "no https address"),
        ("sentry-dsn", "sentry.example/42", "no https address"),
        ("sentry-dsn", "https://key@/42", "no https address"),
        ("sentry-dsn", "ftp://key@sentry.example/42", "no https address"),
        ("sentry-dsn", "http://key@sentry.example/42", "unencrypted"),
        ("sentry-dsn", "https://key:pass@sentry.example/42", "secret key"),
        ("sentry-dsn", "https://sentry.example/42", "no public key"),
        ("sentry-dsn", "https://k%65y@sentry.example/42", "no public key"),
        ("sentry-dsn", "https://key@sentry.example", "number of a project"),
        ("sentry-dsn", "https://key@sentry.example/notes", "number of a project"),
        ("sentry-dsn", "https://key@sentry.example/42/", "number of a project"),
        ("sentry-dsn", "https://key@sentry.example/42?a=b", "number of a project"),
        ("sentry-dsn", "https://key@sentry.example:port/42", "ort"),
        ("sentry-dsn", "https://key@sentry.example/4 2", "a character"),
        ("sentry-dsn", "https://key@sentry.exämple/42", "a character"),
        ("sentry-dsn", "https://key@sentry.example/42\n", "a character"),
    ],
)
def test_a_wrong_value_is_refused_by_file_and_key(key: str, value: object, words: str) -> None:
    with pytest.raises(ProjectError) as caught:
        read_desktop(FILE, {key: value})
    assert caught.value.what.startswith(f"{FILE}: [tool.djdesk] {key} ")
    assert words in str(caught.value)
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize(
    "dsn",
    [
        DSN,
        "https://key@sentry.example:9000/42",
        "https://key@sentry.example/behind/a-proxy/42",
        "http://key@127.0.0.1:9000/1",
        "http://key@[::1]:9000/1",
        "http://key@localhost/1",
    ],
)
def test_a_dsn_may_be_of_any_installation(dsn: str) -> None:
    assert read_desktop(FILE, {"sentry-dsn": dsn}).sentry_dsn == dsn


@pytest.mark.parametrize(
    "desktop", [DEFAULT, Desktop(("media",), "FULL", DSN, 1, "help@example.org")]
)
def test_what_a_manifest_says_is_read(desktop: Desktop) -> None:
    document = {**asdict(desktop), "permissions": [*desktop.permissions]}
    assert parse_desktop(document) == desktop


@pytest.mark.parametrize("document", [None, {}])
def test_a_manifest_without_it_is_one_with_the_defaults(document: object) -> None:
    assert parse_desktop(document) == DEFAULT


@pytest.mark.parametrize(
    "document",
    [
        *(3, "text", []),
        {"other": 1},
        {"permissions": "media"},
        {"permissions": [1]},
        {"permissions": None},
        {"synchronous": "OFF"},
        {"synchronous": None},
        {"sentry_dsn": 1},
        {"support": 1},
    ],
)
def test_another_shape_in_a_manifest_is_an_error(document: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        parse_desktop(document)


@pytest.mark.parametrize(
    ("dsn", "locked"), [(None, []), (None, ["sentry-sdk"]), (DSN, ["django", "Sentry_SDK"])]
)
def test_reporting_needs_nothing_or_the_sdk(dsn: str | None, locked: list[str]) -> None:
    check_error_reporting(Desktop(sentry_dsn=dsn), locked, lock=Path("requirements.lock"))


def test_reporting_without_the_sdk_is_refused() -> None:
    desktop = Desktop(sentry_dsn=DSN)
    with pytest.raises(ProjectError) as caught:
        check_error_reporting(desktop, ["django", "sentry"], lock=Path("requirements.lock"))
    assert "requirements.lock has no sentry-sdk" in caught.value.what
    assert "sentry-dsn" in caught.value.why
    assert "write the lock again" in caught.value.hint
    assert DSN not in str(caught.value)
