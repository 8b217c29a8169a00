"""Every command that a page names exists, with the options that it is given.

What is typed on every system is checked against the parser that will read it. What is not one
of ours is listed here with its reason, or stands in a block that says for which system it is.
"""

from __future__ import annotations

import re
import shlex

import pytest

from build_support import ROOT
from build_support.command_line.parser import make_parser, parse
from build_support.errors import UsageError
from djdesk_runtime.command_line import parser
from docs.generate.sessions import named_sessions
from tests.unit.docs.pages import PAGES, Line, inline_commands, shell_lines

#: What a page may ask for on every system without being run by us, by how it begins.
FOREIGN = {
    'python3 -m pip install "nox[uv]"': "continuous integration begins with it",
    "uv pip compile pyproject.toml": "tests/unit/build_support reads the locks that it writes",
    "python3 -m pip wheel": "it is given packages of PyPI",
    "python3 -m pip hash": "the same",
    "uv export --frozen": "test_lock_advice runs it",
}
LAUNCHERS = ("python/bin/python3", "python\\python.exe")

LINES = [line for page in PAGES for line in (*shell_lines(page), *inline_commands(page))]
NOX = [line for line in LINES if " nox -" in f" {line.text}"]
LAUNCHED = [line for line in LINES if line.text.startswith(LAUNCHERS)]


def _words(line: Line) -> list[str]:
    words = shlex.split(line.text[line.text.index("nox -") :])
    return words[1:]


@pytest.mark.parametrize("line", NOX, ids=str)
def test_a_session_exists_with_its_options(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    words = _words(line)
    if words == ["-l"]:
        return
    assert words[0] == "-s"
    sessions = words[1 : words.index("--")] if "--" in words else words[1:]
    assert sessions
    for session in sessions:
        assert session in named_sessions(), f"there is no session {session}"
        # Raises UsageError for an option that the session does not have; None answers --help.
        options = words[words.index("--") + 1 :] if "--" in words else []
        parse(session, options, check_paths=False)
    capsys.readouterr()


@pytest.mark.parametrize("line", LAUNCHED, ids=str)
def test_a_bundle_has_the_command(line: Line) -> None:
    before, _, words = line.text.partition(" run_django.py ")
    assert before.split()[1:] == ["-I", "-B", "-X", "utf8", "-X", "disable-remote-debug"]
    assert parser().parse_args(words.split()).command == words.split()[0]


@pytest.mark.parametrize("line", LINES, ids=str)
def test_every_other_command_says_for_which_system_it_is(line: Line) -> None:
    known = line in NOX or line in LAUNCHED or line.text.startswith(tuple(FOREIGN))
    assert known or line.systems, f"{line} needs a line such as '# Linux' above it"


@pytest.mark.parametrize("session", named_sessions())
def test_a_session_is_run_as_its_users_run_it(session: str) -> None:
    """By an integration test, or by what continuous integration calls on a fresh machine."""
    run = re.compile(rf'(?:run|serving)\((?:shared, )?"{session}"|python3 -m nox -s {session}\b')
    places = [ROOT / ".ci" / "run", *(ROOT / "tests" / "integration").glob("*.py")]
    assert any(run.search(place.read_text(encoding="utf-8")) for place in places)


def test_there_are_commands_to_check() -> None:
    assert {"bundle", "run", "verify", "docs"} <= {
        _words(line)[1] for line in NOX if "-s" in line.text
    }
    assert LAUNCHED


def test_a_session_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(KeyError):
        make_parser("no-such-session")
    with pytest.raises(UsageError):
        parse("bundle", ["--no-such-option"])
