from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest

from build_support.errors import ToolError
from build_support.signing.commands import (
    PAUSES,
    Command,
    run_all,
    run_command,
    run_patiently,
)
from tests.unit.build_support.signing.made_up import Recorder

PASSING = "The timestamp service is not available."
LASTING = "no identity found"


def _command(name: str = "one") -> Command:
    return Command((name,), doing=f"Doing {name}")


class Failing:
    """Says what a command fails with, for its first runs."""

    def __init__(self, why: str, times: int) -> None:
        self.why = why
        self.times = times

    def __call__(self, _: Command) -> str | None:
        self.times -= 1
        return self.why if self.times >= 0 else None


def test_tries_again_while_the_failure_may_pass(
    pauses: list[float], sleep: Callable[[float], None]
) -> None:
    runner = Recorder({("one",): "done"}, fail=Failing(PASSING, 3))
    assert run_patiently(_command(), runner, sleep=sleep) == "done"
    assert len(runner.commands) == 4
    assert pauses == [*PAUSES[:3]]


def test_gives_up_at_last(pauses: list[float], sleep: Callable[[float], None]) -> None:
    runner = Recorder(fail=Failing(PASSING, 99))
    with pytest.raises(ToolError, match="Doing one failed"):
        run_patiently(_command(), runner, sleep=sleep)
    assert len(runner.commands) == len(PAUSES) + 1
    assert pauses == [*PAUSES]


def test_a_lasting_failure_is_not_tried_again(
    pauses: list[float], sleep: Callable[[float], None]
) -> None:
    runner = Recorder(fail=Failing(LASTING, 1))
    with pytest.raises(ToolError):
        run_patiently(_command(), runner, sleep=sleep)
    assert not pauses


def test_runs_several_at_a_time(sleep: Callable[[float], None]) -> None:
    """None of the two commands ends before both have started."""
    both = threading.Barrier(2, timeout=20)

    def runner(command: Command) -> str:
        both.wait()
        return ""

    run_all([_command("one"), _command("two")], runner, sleep=sleep)


def test_a_failure_stops_what_has_not_started(sleep: Callable[[float], None]) -> None:
    release = threading.Event()
    recorder = Recorder()

    def runner(command: Command) -> str:
        recorder(command)
        if command.words == ("0",):
            release.set()
            raise ToolError("The first failed.", why=LASTING)
        release.wait(20)
        if command.words == ("1",):
            raise ToolError("The second failed.", why=LASTING)
        return ""

    with pytest.raises(ToolError, match="The first failed"):
        run_all([_command(str(number)) for number in range(500)], runner, sleep=sleep)
    assert len(recorder.commands) < 500


def _python(code: str, *, variables: dict[str, str] | None = None, script: str = "") -> Command:
    secrets = (*(variables or {}).values(), script)
    words = (sys.executable, "-I", "-c", code)
    return Command(words, "Asking", variables=variables or {}, script=script, secrets=secrets)


def test_secrets_go_by_environment_and_standard_input() -> None:
    code = "import os, sys; print(os.environ['SECRET'] + sys.stdin.read())"
    command = _python(code, variables={"SECRET": "open"}, script="sesame")
    assert run_command(command).strip() == "opensesame"
    assert "open" not in repr(command)
    assert "sesame" not in repr(command)


def test_secrets_are_not_in_the_error() -> None:
    code = "import os, sys; sys.exit('wrong: ' + os.environ['SECRET'])"
    with pytest.raises(ToolError) as caught:
        run_command(_python(code, variables={"SECRET": "sesame"}))
    assert "sesame" not in str(caught.value)
    assert "wrong: ***" in caught.value.why
    assert caught.value.__context__ is None
