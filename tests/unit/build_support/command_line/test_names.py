"""What nox's own parser lets through, and what was meant by it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.command_line.names import unknown_sessions
from build_support.suggestions import nearest

SESSIONS = ["bundle", "verify", "package-linux", "package-macos", "run", "docs"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("bundel", "bundle"),
        ("BUNDLE", "bundle"),
        ("packge-linux", "package-linux"),
        ("package-mac", "package-macos"),
        ("doc", "docs"),
        ("deploy-to-heroku", ""),
    ],
)
def test_the_nearest_name_is_found(word: str, meant: str) -> None:
    assert nearest(word, SESSIONS) == meant


@pytest.mark.parametrize(
    "arguments",
    [
        ["-s", "bundle"],
        ["--session=verify"],
        ["-l"],
        [],
        ["-s", "bundle", "docs", "--", "--project", "bundel"],
        ["-s", "run", "-x", "-db", "uv"],
        ["-t", "check"],
    ],
)
def test_nothing_is_said_of_what_is_right(arguments: list[str]) -> None:
    assert unknown_sessions(arguments, SESSIONS) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-s", "bundel"], ["bundle?"]),
        (["-sbundel"], ["bundle?"]),
        (["--session=bundel"], ["bundle?"]),
        (["-e", "bundel", "verfy"], ["bundle?", "verify?"]),
        (["-s", "bundle", "../my-project"], ["nox -s bundle -- … ../my-project"]),
        (["-s", "verify", str(ROOT)], [f"nox -s verify -- --project {ROOT}"]),
    ],
)
def test_a_session_that_there_is_not_is_explained(arguments: list[str], said: list[str]) -> None:
    lines = unknown_sessions(arguments, SESSIONS)
    assert len(lines) == len(said)
    assert all(part in line for part, line in zip(said, lines, strict=True))


def test_nox_says_what_was_meant(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "nox", "--script-mode", "none", "-s", "bundel"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode != 0
    assert "bundle?" in finished.stderr
