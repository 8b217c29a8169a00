"""Run Electron beside this process until its window closes, or until Ctrl-C ends it cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

from build_support.errors import BuildError

#: Seconds that the shell has to stop its server (14, see electron/lib/patience.js) and to end.
#: Whoever does not want to wait presses Ctrl-C again.
STOP_SECONDS = 30.0

#: For `Popen`: a process group of its own, where the system has them.
OWN_GROUP = None if sys.platform == "win32" else 0

#: Set by shells around an Electron of their own; with it, Electron is a plain Node.
_NOT_FOR_ELECTRON = frozenset({"ELECTRON_RUN_AS_NODE", "NODE_OPTIONS"})


def run_window(command: Sequence[str], variables: Mapping[str, str]) -> None:
    """Run the shell to its end, with some environment variables more than this process has.

    It gets a process group of its own, so that Ctrl-C reaches only this process, which
    asks it once to stop, waits, and ends what is left. Raises KeyboardInterrupt then,
    and BuildError when it ends with an error by itself.
    """
    environment = {**os.environ, **variables}
    for name in _NOT_FOR_ELECTRON:
        environment.pop(name, None)
    with (
        stopping_by_signal(),
        subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, process_group=OWN_GROUP
        ) as shell,
    ):
        try:
            code = shell.wait()
        except KeyboardInterrupt:
            stop(shell, STOP_SECONDS)
            raise
    if code != 0:
        raise BuildError(
            f"The window ended with {code}.",
            why="What it said is above; its logs are in the application's data folder.",
        )


def stop(process: subprocess.Popen[Any], seconds: float) -> None:
    """Ask a process that leads its own group to end, and end the group when it does not."""
    end(process, lambda: _ask_to_stop(process), seconds)


def end(process: subprocess.Popen[Any], ask: Callable[[], None], seconds: float) -> int:
    """Ask a process in some way to end; end its group after so many seconds, or on Ctrl-C."""
    with suppress(KeyboardInterrupt, subprocess.TimeoutExpired):
        ask()
        process.wait(seconds)
    kill(process)
    return process.wait()


def _ask_to_stop(process: subprocess.Popen[Any]) -> None:
    if sys.platform == "win32":
        # Without /F it closes the windows, which is how a user ends the application.
        _taskkill(process.pid)
    else:
        process.terminate()


def kill(process: subprocess.Popen[Any]) -> None:
    """End a process that leads its own group, and the group."""
    if sys.platform == "win32":
        if process.poll() is None:
            _taskkill(process.pid, "/T", "/F")
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _taskkill(pid: int, *words: str) -> None:
    subprocess.run(["taskkill", "/PID", str(pid), *words], capture_output=True, check=False)


@contextmanager
def stopping_by_signal() -> Iterator[None]:
    """Treat the end of the terminal and a plain `kill` as Ctrl-C, so that nothing is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, _interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
