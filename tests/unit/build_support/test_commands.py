from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import nox
import pytest

from build_support import commands
from build_support.command_line.parser import Options
from build_support.errors import BuildError, UsageError
from build_support.reporter import Reporter


class _FailedError(Exception):
    """What nox raises to fail a session."""


class _Session:
    """As much of nox's session as is used."""

    def __init__(self, name: str, *posargs: str) -> None:
        self.name = name
        self.posargs = list(posargs)

    def error(self, *words: Any) -> None:  # noqa: ANN401 - nox's own signature
        raise _FailedError(*words)


Command = Callable[[Options, Reporter], None]
Run = Callable[..., None]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a session whose command is this function."""

    def run(command: Command, name: str = "bundle", *words: str) -> None:
        monkeypatch.setattr(commands, "_COMMANDS", {name: command})
        session: Any = _Session(name, *words)
        commands.run_session(session)

    return run


def test_the_command_gets_the_options(run: Run) -> None:
    seen: list[Options] = []
    run(lambda options, _: seen.append(options), "bundle", "--force")
    assert [options.force for options in seen] == [True]


def test_help_is_no_failure_and_does_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    def never(_: Options, __: Reporter) -> None:
        raise AssertionError

    run(never, "bundle", "--help")
    assert "--target" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BuildError("It broke.", why="Rust.", hint="Oil it."), ["It broke.", "Rust.", "Oil it."]),
        (UsageError("No."), ["No."]),
        (OSError(errno.ENOSPC, "No space left", "/x"), ["full", "No space left", "/x"]),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), ["/x", "who owns"]),
    ],
)
def test_a_failure_is_explained_and_fails_the_session(
    run: Run, capsys: pytest.CaptureFixture[str], error: Exception, said: list[str]
) -> None:
    def fail(_: Options, __: Reporter) -> None:
        raise error

    with pytest.raises(_FailedError) as caught:
        run(fail)
    output = capsys.readouterr()
    assert all(words in output.err for words in said)
    assert output.out == ""
    assert said[0] in str(caught.value)


def test_wrong_options_fail_the_session(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(_FailedError):
        run(lambda _, __: None, "bundle", "--colour")
    assert "--colour" in capsys.readouterr().err


def test_a_mistake_of_ours_keeps_its_traceback(run: Run) -> None:
    def wrong(_: Options, __: Reporter) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(wrong)


def test_a_command_that_leaves_with_a_code_is_no_success(run: Run) -> None:
    def leave(_: Options, __: Reporter) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit) as caught:
        run(leave)
    assert caught.value.code == 3


def test_there_is_a_command_for_each_session() -> None:
    import noxfile

    sessions = {
        name.replace("_", "-")
        for name, value in vars(noxfile).items()
        if isinstance(value, nox._decorators.Func)
    }
    assert sessions == set(commands._COMMANDS)
