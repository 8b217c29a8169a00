"""The outputs are those of real interpreters: what one prints is what must be understood."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from build_support.tracebacks import (
    Own,
    clean_output,
    explain_output,
    find_report,
    last_lines,
    place_of,
)


def _fail(folder: Path, code: str, **variables: str) -> str:
    """Run a script that fails, and return what it said on standard error."""
    script = folder / "own.py"
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "-X", "utf8", script],
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=60,
        check=False,
    )
    assert finished.returncode != 0
    return finished.stderr


def _own(folder: Path) -> Own:
    return lambda file: Path(file).name if Path(file).parent == folder else None


_LOGGED = """
    import logging, json
    try:
        json.loads("{")
    except ValueError:
        logging.exception("this was survived")
"""
_CASES: dict[str, tuple[str, str, int]] = {
    "plain": ("\nraise ValueError('one')", "ValueError: one", 2),
    "in a dependency": ("import json\n\njson.loads('{')", "json.decoder.JSONDecodeError", 3),
    "of several lines": ("raise ValueError('one\\ntwo')", "ValueError: one\ntwo", 1),
    "without a message": ("raise ValueError", "ValueError", 1),
    "after a logged one": (
        f"{textwrap.dedent(_LOGGED)}\nraise KeyError('SECRET')",
        "KeyError: 'SECRET'",
        8,
    ),
    "while another was handled": (
        "try:\n    1/0\nexcept ZeroDivisionError:\n    raise KeyError(1)",
        "KeyError: 1",
        4,
    ),
    "caused by another": (
        "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise KeyError(1) from e",
        "KeyError: 1",
        4,
    ),
    "syntax": ("\nx = (\n", "SyntaxError: '(' was never closed", 2),
    "deep recursion": ("def f():\n    f()\nf()", "RecursionError: maximum recursion", 2),
    "not ASCII": ("raise ValueError('größer 🦄')", "ValueError: größer 🦄", 1),
    "a note": (
        "e = ValueError('x')\ne.add_note('see the manual')\nraise e",
        "ValueError: x\nsee the manual",
        3,
    ),
}


@pytest.mark.parametrize("color", [{}, {"FORCE_COLOR": "1"}], ids=["plain", "coloured"])
@pytest.mark.parametrize("name", _CASES)
def test_the_last_exception_and_its_own_line(
    tmp_path: Path, name: str, color: dict[str, str]
) -> None:
    code, exception, line = _CASES[name]
    report = find_report(_fail(tmp_path, code, **color))
    assert report is not None
    assert report.exception.startswith(exception)
    place = place_of(report.chain[-1], _own(tmp_path))
    assert place is not None
    assert (Path(place.file).name, place.line) == ("own.py", line)


@pytest.mark.parametrize("name", ["while another was handled", "caused by another"])
def test_what_came_before_is_told_as_the_cause(tmp_path: Path, name: str) -> None:
    said = explain_output(_fail(tmp_path, _CASES[name][0]), _own(tmp_path))
    assert said.index("KeyError: 1 (own.py, line 4)") < said.index("ZeroDivisionError: ")
    assert "(own.py, line 2)" in said


def test_what_was_logged_before_is_no_cause(tmp_path: Path) -> None:
    report = find_report(_fail(tmp_path, _CASES["after a logged one"][0]))
    assert report is not None
    assert len(report.chain) == 1


def test_what_a_program_says_last_comes_first(tmp_path: Path) -> None:
    code = textwrap.dedent(_LOGGED) + "import sys; sys.exit('CommandError: no such thing')"
    said = explain_output(_fail(tmp_path, code))
    assert said.startswith("CommandError: no such thing\n")
    assert "JSONDecodeError" in said


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups are of 3.11")
def test_an_exception_group_is_told_with_what_is_in_it(tmp_path: Path) -> None:
    code = """
        def fail(error):
            raise error
        errors = []
        for kind in (ValueError, KeyError):
            try:
                fail(kind("inner"))
            except kind as error:
                errors.append(error)
        raise ExceptionGroup("several", errors)
    """
    said = explain_output(_fail(tmp_path, code), _own(tmp_path))
    for words in ("ValueError: inner", "KeyError: 'inner'", "ExceptionGroup: several"):
        assert words in said
    assert "|" not in said


def test_only_frames_of_ones_own_are_shown(tmp_path: Path) -> None:
    output = _fail(tmp_path, "import json\njson.loads('{')")
    said = explain_output(output, _own(tmp_path))
    assert "decoder.py" not in said
    assert "decoder.py" in explain_output(output)


def test_an_exception_that_is_raised_once_more_is_told_once(tmp_path: Path) -> None:
    """As a template engine does; the place is that of one's own code."""
    code = """
        import json
        try:
            json.loads("{")
        except ValueError as error:
            again = "raise type(error)(error.msg, error.doc, error.pos) from error"
            exec(compile(again, "t", "exec"))
    """
    output = _fail(tmp_path, textwrap.dedent(code))
    said = explain_output(output, lambda file: None if file == "t" else _own(tmp_path)(file))
    assert said.count("JSONDecodeError") == 1
    assert output.count("json.decoder.JSONDecodeError") == 2


def test_the_end_of_a_long_message_is_not_what_was_said_last(tmp_path: Path) -> None:
    code = "raise ValueError('\\n'.join(['no entry', *(f'<link {n}>' for n in range(90))]))"
    said = explain_output(_fail(tmp_path, code), _own(tmp_path))
    assert said.startswith("ValueError: no entry")
    assert "<link 89>" not in said


def test_frames_inside_the_interpreter_are_not_the_place(tmp_path: Path) -> None:
    """As of an application in INSTALLED_APPS that is not there."""
    output = _fail(tmp_path, "import importlib\nimportlib.import_module('nowhere.at_all')")
    assert "<frozen" in output
    said = explain_output(output)
    assert "<frozen" not in said
    assert "importlib" in said


def test_the_caret_of_a_syntax_error_is_kept(tmp_path: Path) -> None:
    said = explain_output(_fail(tmp_path, "\nx = (\n"), _own(tmp_path))
    assert [line.strip() for line in said.splitlines()[-2:]] == ["x = (", "^"]
    assert said.startswith("SyntaxError: ")


def test_an_output_that_ends_within_a_traceback_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    output = _fail(tmp_path, "\nraise ValueError('one')")
    cut = output[: output.index("ValueError: one")]
    report = find_report(cut)
    assert report is not None
    assert report.exception == ""
    assert "line 2" in explain_output(cut)


def test_an_output_that_begins_within_a_traceback_is_shown_at_its_end(tmp_path: Path) -> None:
    output = _fail(tmp_path, "\nraise ValueError('one')").partition("\n")[2]
    assert find_report(output) is None
    assert explain_output(output).endswith("ValueError: one")


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("", 3, ""),
        ("\n\na\n\nb\n\n", 5, "a\n\nb"),
        ("a\nb\r\nc\n", 2, "b\nc"),
        ("a", 1, "a"),
        ("\x1b[31mred\x1b[0m", 1, "red"),
        ("10 %\r20 %\rdone\n", 1, "done"),
    ],
)
def test_last_lines(text: str, count: int, expected: str) -> None:
    assert last_lines(text, count) == expected


def test_a_line_without_end_is_shortened() -> None:
    assert len(last_lines("x" * 1_000_000)) < 1000


@pytest.mark.parametrize(
    "text", ["Traceback (most recent call last):", "\x1b[", "  | ", "\x1b]8;;x", "\r\r\r", "\0"]
)
def test_anything_can_be_read(text: str) -> None:
    assert isinstance(explain_output(text), str)
    assert "\x1b[" not in clean_output(text) or text == "\x1b["
