from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support import reporter as module
from build_support.errors import BuildError
from build_support.reporter import Reporter, megabytes

ROOT = Path(module.__file__).resolve().parents[1]

#: What rich would take for markup, emoji or the end of its own markup.
TRICKY = [
    "[red]x[/red]",
    "[/]",
    "C:\\folder\\",
    "C:\\\\",
    "\\[a]",
    "app.py:100: bad :smile:",
    "{x}",
]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _no_wishes_about_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


def _say(say: Callable[[Reporter], object], stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    say(Reporter(stream))
    return stream.getvalue()


def _on_terminal(say: Callable[[Reporter], object]) -> str:
    """What can be read there, without the sequences for colours and the cursor."""
    text = _say(say, _Terminal())
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def _step(reporter: Reporter, title: str) -> None:
    with reporter.step(title):
        pass


WAYS: dict[str, Callable[[Reporter, str], object]] = {
    "line": lambda reporter, text: reporter.line(text),
    "note": lambda reporter, text: reporter.note(text),
    "warning": lambda reporter, text: reporter.warning(text),
    "error": lambda reporter, text: reporter.error(BuildError(text)),
    "success": lambda reporter, text: reporter.success(text),
    "result": lambda reporter, text: reporter.result(text, detail=text),
    "problem": lambda reporter, text: reporter.result(text, problem=text),
    "table": lambda reporter, text: reporter.table([text], [[text]], title=text),
    "step": _step,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize("read", [_say, _on_terminal])
def test_text_is_written_as_it_is(
    way: str, text: str, read: Callable[[Callable[[Reporter], object]], str]
) -> None:
    said = read(lambda reporter: WAYS[way](reporter, text))
    expected = {"result": f"✓ {text} {text}\n", "problem": f"✗ {text}: {text}\n"}
    assert expected.get(way, text) in said
    assert f"{text}\\" not in said


@pytest.mark.parametrize("way", WAYS)
def test_plain_output_has_no_control_sequences_and_is_not_cut(way: str) -> None:
    text = "x" * 300 if way != "table" else "x" * 30
    said = _say(lambda reporter: WAYS[way](reporter, text))
    assert text in said
    assert "\x1b" not in said
    assert said.endswith("\n")


def _step_and_download(reporter: Reporter) -> None:
    with reporter.step("Pack"), reporter.download("file", 10) as advance:
        advance(10)


@pytest.mark.parametrize("variables", [{}, {"CI": "true", "TTY_COMPATIBLE": "1"}])
def test_forced_colours_make_no_terminal_of_a_log(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FORCE_COLOR": "1", **variables}.items():
        monkeypatch.setenv(name, value)
    said = _say(_step_and_download)
    assert "\x1b[32m" in said
    assert re.sub(r"\x1b\[[0-9;]*m", "", said).count("\n") == said.count("\n") == 2
    assert not re.search(r"\x1b\[[0-9;?]*[A-Zhl]", said), "the cursor is moved"


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"FORCE_COLOR": ""}])
def test_a_log_is_coloured_only_when_asked_for(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FORCE_COLOR": "1", **variables}.items():
        monkeypatch.setenv(name, value)
    assert "\x1b" not in _say(_step_and_download)


def test_a_terminal_gets_colours() -> None:
    assert "\x1b[1;31merror" in _say(lambda reporter: reporter.error(BuildError("x")), _Terminal())


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    reporter = Reporter(stream, quiet=True)
    for way in WAYS.values():
        way(reporter, "x")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("say", "text"),
    [
        (lambda reporter: reporter.line("a\nb"), "a\nb\n"),
        (lambda reporter: reporter.line(), "\n"),
        (lambda reporter: reporter.note("a\nb"), "  a\n  b\n"),
        (lambda reporter: reporter.warning("a\nb"), "warning  a\n         b\n"),
        (
            lambda reporter: reporter.error(BuildError("a", why="b\nc", hint="d")),
            "error  a\n  Why:  b\n        c\n  Next: d\n",
        ),
        (lambda reporter: reporter.result("a"), "✓ a\n"),
        (lambda reporter: reporter.result("a", detail="b"), "✓ a b\n"),
        (lambda reporter: reporter.result("a", "b", "c"), "✗ a: b\n"),
    ],
)
def test_later_lines_are_indented(say: Callable[[Reporter], object], text: str) -> None:
    assert _say(say) == text


def test_a_step_is_named_with_how_long_it_took() -> None:
    assert re.fullmatch(r"✓ Pack \d+\.\d s\n", _say(lambda reporter: _step(reporter, "Pack")))


@pytest.mark.parametrize("stream", [io.StringIO, _Terminal])
def test_a_failed_step_is_marked_and_its_failure_goes_on(
    stream: Callable[[], io.StringIO],
) -> None:
    out = stream()
    reporter = Reporter(out)
    with pytest.raises(KeyboardInterrupt), reporter.step("Pack"):
        raise KeyboardInterrupt
    assert "✗" in out.getvalue()
    assert "✓" not in out.getvalue()


def test_steps_and_downloads_inside_a_step_and_warnings_in_between() -> None:
    def work(reporter: Reporter) -> None:
        with (
            reporter.step("outer"),
            reporter.step("inner"),
            reporter.download("file", 10) as advance,
        ):
            advance(10)
            reporter.warning("by the way")

    said = _on_terminal(work)
    assert said.index("by the way") < said.index("✓ inner") < said.index("✓ outer")


def test_a_plain_download_is_one_line_at_first_and_more_only_with_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = iter([0.0, 1.0, 5.0, 6.0, 10.0])
    monkeypatch.setattr("build_support.reporter.time.monotonic", lambda: next(now))

    def work(reporter: Reporter) -> None:
        with reporter.download("cpython [x].tar.gz", 10_000_000, done=2_000_000) as advance:
            for _ in range(4):
                advance(1_000_000)

    assert _say(work).splitlines() == [
        "  cpython [x].tar.gz: 2.0 MB of 10.0 MB",
        "  cpython [x].tar.gz: 4.0 MB of 10.0 MB, 0.4 MB/s, 15 s left",
        "  cpython [x].tar.gz: 6.0 MB of 10.0 MB, 0.4 MB/s, 10 s left",
    ]


@pytest.mark.parametrize("stream", [io.StringIO, _Terminal])
@pytest.mark.parametrize("total", [None, 0, 5])
def test_a_download_of_any_length_can_fail(
    stream: Callable[[], io.StringIO], total: int | None
) -> None:
    def work(reporter: Reporter) -> None:
        with reporter.download("x", total) as advance:
            advance(7)
            raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        work(Reporter(stream()))


def test_a_drawn_download_leaves_no_bar_behind() -> None:
    def work(reporter: Reporter) -> None:
        with reporter.download("[file]", 10) as advance:
            advance(5)

    said = _say(work, _Terminal())
    assert "[file]" in said
    assert said.count("\x1b[2K") >= 1


def test_columns_of_numbers_are_right_aligned() -> None:
    rows = [("python", "1234", "5.00"), ("app", "5", "12.25")]
    assert _say(lambda reporter: reporter.table(("part", "files", "MB"), rows)).splitlines() == [
        "part    files     MB",
        "python   1234   5.00",
        "app         5  12.25",
    ]


def test_a_stream_that_knows_only_ascii_does_not_end_the_build() -> None:
    code = (
        "from build_support.reporter import Reporter\n"
        "reporter = Reporter()\n"
        "with reporter.step('\\xdcn'): reporter.note('\\xe9')\n"
    )
    variables = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    finished = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0.0 MB"), (49_999, "0.0 MB"), (12_345_678, "12.3 MB")]
)
def test_megabytes_are_decimal(count: int, text: str) -> None:
    assert megabytes(count) == text
