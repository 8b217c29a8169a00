"""Commands as values: built by pure functions, run by one function at the edge, retried there."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from build_support.errors import ToolError
from build_support.processes import run


@dataclass(frozen=True, slots=True)
class Command:
    """One run of a program.

    `doing` completes the sentence "… failed". `variables` are added to the environment, and
    `script` is read from standard input: the two ways for a secret, because the words of a
    command can be seen by everybody on the machine. `secrets` are never shown.
    """

    words: tuple[str, ...]
    doing: str
    hint: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    script: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


#: Runs a command and returns its standard output. Raises ToolError when it fails.
Runner = Callable[[Command], str]
Sleep = Callable[[float], None]

#: Seconds between attempts: Apple's and others' timestamp services often fail for a minute.
PAUSES = (2.0, 5.0, 15.0, 30.0)

#: What failures say that may pass: of services and of the way to them.
PASSING = re.compile(
    r"time ?stamp|network|connection|connect to|timed? ?out|temporar|unavailable|"
    r"NSURLErrorDomain|not be (reached|found) on the server|\b50[0234]\b",
    re.IGNORECASE,
)
_WORKERS = 8


def run_command(command: Command) -> str:
    """Run a command for real; a `Runner`."""
    return run(
        command.words,
        doing=command.doing,
        hint=command.hint,
        environment={**os.environ, **command.variables},
        script=command.script,
        secrets=command.secrets,
    )


def run_patiently(
    command: Command,
    runner: Runner,
    *,
    sleep: Sleep = time.sleep,
    passing: re.Pattern[str] = PASSING,
) -> str:
    """Run a command, again after a pause as long as the failure looks like one that passes.

    Raises the last ToolError.
    """
    for pause in PAUSES:
        try:
            return runner(command)
        except ToolError as error:
            if not passing.search(error.why):
                raise
        sleep(pause)
    return runner(command)


def run_all(commands: Sequence[Command], runner: Runner, *, sleep: Sleep = time.sleep) -> None:
    """Run commands that do not depend on each other, several at a time, each patiently.

    Raises the ToolError of the first of them, in their order, that fails for good; those that
    were not started by then are not run.
    """
    with ThreadPoolExecutor(_WORKERS) as pool:
        running = [pool.submit(run_patiently, command, runner, sleep=sleep) for command in commands]
        try:
            for each in running:
                each.result()
        finally:
            for each in running:
                each.cancel()
