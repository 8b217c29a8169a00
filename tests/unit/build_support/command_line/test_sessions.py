from __future__ import annotations

import re

import pytest

from build_support import ROOT
from build_support.command_line.parser import parse
from build_support.command_line.sessions import SESSIONS
from build_support.target import TARGETS

OPTIONS = {
    "fetch-interpreter": "--target --interpreter --interpreter-archive --pins --release --refresh "
    "--force",
    "bundle": "--project --target --output --bundle --interpreter --interpreter-archive --pins "
    "--release --refresh --force",
    "verify": "--output --bundle",
    "run": "--output --bundle --data-dir --electron-dist --refresh --browser --no-open --port",
    "dev": "--project --interpreter --interpreter-archive --electron-dist --refresh --browser "
    "--no-open --port",
    **dict.fromkeys(
        ("package-linux", "package-macos", "package-windows"),
        "--project --arch --formats --bundle --output --electron-dist --rehearse --unsigned "
        "--interpreter --interpreter-archive --pins --release --refresh",
    ),
    "smoke": "--output --formats --install",
    "check-release": "--output",
    "draft-release": "--project --output",
    "doctor": "",
    "bench": "--json --runs",
    "first-contact": "--output --rehearse",
    "clean": "--output --bundle --cache",
    "update-pins": "--version --build --pins",
    "tests": "",
    "e2e": "--electron-dist --refresh",
    "lint": "",
    "docs": "",
}


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_every_session_of_the_noxfile_is_here() -> None:
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    functions = re.findall(r"@nox\.session\((.*)\)\ndef (\w+)\(", text)
    names = {
        named[1] if (named := re.search(r'name="([\w-]+)"', arguments)) else function
        for arguments, function in functions
    }
    assert names == set(SESSIONS) == set(OPTIONS)


@pytest.mark.parametrize("session", OPTIONS)
@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_names_all_options_and_leaves_nothing_to_do(
    session: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parse(session, [word]) is None
    said = capsys.readouterr().out
    assert f"nox -s {session} --" in said
    found = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", said.split("options:")[1]))
    # Words of the descriptions that name options of this or another program.
    assert found - {"--help"} == set(OPTIONS[session].split())


def test_help_of_the_bundle_names_all_targets(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse("bundle", ["--help"]) is None
    said = capsys.readouterr().out
    assert all(name in said for name in TARGETS)
