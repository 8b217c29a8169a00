from __future__ import annotations

from pathlib import Path

import pytest

from build_support import ROOT
from build_support.command_line.parser import Options, parse
from build_support.command_line.sessions import SESSIONS
from build_support.errors import UsageError
from build_support.target import TARGETS


@pytest.fixture(autouse=True)
def _no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJDESK_RELEASE", raising=False)
    monkeypatch.delenv("DJDESK_UNSIGNED", raising=False)


def _parsed(session: str, words: list[str]) -> Options:
    options = parse(session, words, check_paths=False)
    assert options is not None
    return options


@pytest.mark.parametrize("session", SESSIONS)
def test_without_words_all_is_default(session: str) -> None:
    assert parse(session, []) == Options(
        project=ROOT,
        target=None,
        output=ROOT / "electron" / "django-bundle",
        interpreter="auto",
        interpreter_archive=None,
        pins=None,
        release=False,
        refresh=False,
        force=False,
        data_dir=None,
        port=0,
        browser=False,
        opening=True,
        electron_dist=None,
        machine=None,
        formats=None,
        bundle=None,
        packages=ROOT / "dist",
        rehearse=False,
        unsigned=False,
        install=False,
        cache=False,
        python_version=None,
        python_release=None,
        json=None,
        facts=ROOT / "build" / "first-contact",
        runs=5,
        rest=(),
    )


@pytest.mark.parametrize(
    ("session", "words", "field", "value"),
    [
        ("bundle", ["--target", "windows-arm64"], "target", TARGETS["windows-arm64"]),
        ("bundle", ["--target=macos-arm64"], "target", TARGETS["macos-arm64"]),
        ("bundle", ["--project", "/some/where"], "project", Path("/some/where")),
        ("bundle", ["--project", "rel ative"], "project", Path.cwd() / "rel ative"),
        ("bundle", ["--output", "/out"], "output", Path("/out")),
        ("verify", ["--bundle", "/out"], "output", Path("/out")),
        ("bundle", ["--interpreter", "debian"], "interpreter", "debian"),
        ("package-linux", ["--formats", "deb, zip,"], "formats", ("deb", "zip")),
        ("package-linux", ["--arch", "x64"], "machine", "x86_64"),
        ("package-linux", ["--arch=arm64"], "machine", "arm64"),
        ("package-linux", ["--bundle", "/in"], "bundle", Path("/in")),
        ("package-linux", ["--output", "/out"], "packages", Path("/out")),
        ("package-macos", ["--rehearse"], "rehearse", True),
        ("package-windows", ["--unsigned"], "unsigned", True),
        ("smoke", ["--output", "/out"], "packages", Path("/out")),
        ("smoke", ["--formats", "deb,rpm"], "formats", ("deb", "rpm")),
        ("smoke", ["--install"], "install", True),
        ("draft-release", ["--project", "/x"], "project", Path("/x")),
        ("check-release", ["--output", "/out"], "packages", Path("/out")),
        ("bundle", ["--interpreter-archive", "/x"], "interpreter_archive", Path("/x")),
        ("fetch-interpreter", ["--pins", "/x"], "pins", Path("/x")),
        ("bundle", ["--release"], "release", True),
        ("bundle", ["--refresh"], "refresh", True),
        ("bundle", ["--force"], "force", True),
        ("run", ["--data-dir", "/x"], "data_dir", Path("/x")),
        ("run", ["--browser", "--port", "8000"], "port", 8000),
        ("run", ["--browser"], "browser", True),
        ("run", ["--no-open", "--browser"], "opening", False),
        ("run", ["--electron-dist", "/x"], "electron_dist", Path("/x")),
        ("dev", ["--electron-dist", "x"], "electron_dist", Path.cwd() / "x"),
        ("dev", ["--project", "/x"], "project", Path("/x")),
        ("dev", ["--interpreter", "debian"], "interpreter", "debian"),
        ("e2e", ["--refresh"], "refresh", True),
        ("clean", ["--cache"], "cache", True),
        ("update-pins", ["--version", "3.14.10"], "python_version", "3.14.10"),
        ("update-pins", ["--build", "20261110"], "python_release", "20261110"),
        ("bench", ["--json", "/x"], "json", Path("/x")),
        ("bench", ["--runs", "1"], "runs", 1),
        ("first-contact", ["--output", "/x"], "facts", Path("/x")),
    ],
)
def test_each_option_sets_its_value(
    session: str, words: list[str], field: str, value: object
) -> None:
    assert getattr(_parsed(session, words), field) == value


@pytest.mark.parametrize(
    ("session", "words", "said"),
    [
        ("bundle", ["--colour"], "--colour"),
        ("bundle", ["windows-x86_64"], "windows-x86_64"),
        ("bundle", ["--forc"], "--forc"),
        ("bundle", ["--target", "amiga"], "'amiga'"),
        ("bundle", ["--target"], "--target"),
        ("bundle", ["--interpreter", "conda"], "conda"),
        ("bundle", ["--force=yes"], "--force"),
        ("verify", ["--force"], "--force"),
        ("lint", ["--fix"], "--fix"),
        ("doctor", ["x"], "x"),
        ("run", ["--browser", "--port", "http"], "http"),
        ("run", ["--browser", "--port", "65536"], "65536"),
        ("dev", ["--browser", "--port=-1"], "-1"),
        # What would have no effect.
        ("run", ["--port", "8000"], "--port needs --browser"),
        ("dev", ["--no-open"], "--no-open needs --browser"),
        ("run", ["--browser", "--electron-dist", "/x"], "--electron-dist cannot"),
        ("bench", ["--runs", "0"], "0"),
        ("bench", ["--runs", "many"], "many"),
    ],
)
def test_what_a_session_does_not_have_is_refused(
    session: str, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(session, words, check_paths=False)
    assert said in caught.value.what
    assert caught.value.hint
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("session", "words", "problems"),
    [
        (
            "bundle",
            ["--projct", "x", "--forc", "--target", "windows-x68_64", "--interpreter", "conda"],
            ["--project?", "--force?", "windows-x86_64?", "conda", "x "],
        ),
        ("bundle", ["--project", "nowhere", "--pins", "."], ["nowhere", "a folder, not a file"]),
        ("bundle", ["--project", "a file", "extra"], ["a file, not a folder", "extra"]),
        ("package-linux", ["--formats", "debb,AppImage,exe"], ["deb?", "exe"]),
        ("run", ["--port", "x", "--no-open"], ["'x' is not a number", "--no-open needs"]),
        ("run", ["--port", "1", "--no-open"], ["--port needs", "--no-open needs"]),
        ("package-linux", ["--bundle", "gone", "--electron-dist", "gone"], ["--bundle", "--elec"]),
    ],
)
def test_all_that_is_wrong_is_said_at_once(
    session: str,
    words: list[str],
    problems: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").touch()
    with pytest.raises(UsageError) as caught:
        parse(session, words)
    assert not [problem for problem in problems if problem not in str(caught.value)]


@pytest.mark.parametrize("words", [["--help"], ["--colour", "--help"], ["-h", "--target", "x"]])
def test_help_answers_whatever_else_is_there(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert parse("bundle", words) is None
    assert "--target" in capsys.readouterr().out


@pytest.mark.parametrize("session", ["tests", "e2e"])
def test_what_tests_does_not_know_goes_to_pytest_in_its_order(session: str) -> None:
    words = ["-k", "a or b", "tests/unit", "-x", "--maxfail=2", "--lf", "-vv", "a::b[c d]"]
    assert _parsed(session, words).rest == tuple(words)


@pytest.mark.parametrize(
    ("value", "release"),
    [
        *((text, True) for text in ("1", "true", "YES", "on", "y", "2", " 1 ")),
        *((text, False) for text in ("", "0", "false", "No", "off", "  ")),
    ],
)
def test_the_environment_can_ask_for_a_release(
    monkeypatch: pytest.MonkeyPatch, value: str, release: bool
) -> None:
    monkeypatch.setenv("DJDESK_RELEASE", value)
    assert _parsed("bundle", []).release is release
    assert _parsed("bundle", ["--release"]).release is True


@pytest.mark.parametrize(
    ("value", "unsigned"),
    [
        *((text, True) for text in ("1", "true", "YES", "on", " 1 ")),
        *((text, False) for text in ("", "0", "false", "y", "unsigned")),
    ],
)
def test_the_environment_can_ask_for_unsigned_packages(
    monkeypatch: pytest.MonkeyPatch, value: str, unsigned: bool
) -> None:
    monkeypatch.setenv("DJDESK_UNSIGNED", value)
    assert _parsed("package-macos", []).unsigned is unsigned
    assert _parsed("package-macos", ["--unsigned"]).unsigned is True
