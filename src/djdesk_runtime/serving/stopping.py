"""Being asked to stop: by a signal, by the shell, or because the shell is gone."""

from __future__ import annotations

import atexit
import faulthandler
import logging
import math
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djdesk_runtime.serving.programs import end_programs

if TYPE_CHECKING:
    from collections.abc import Callable

# Those that exist on the running system are obeyed. SIGBREAK is Windows' CTRL_BREAK, the only
# one that another process can send there.
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")

STANDARD_ERROR = 2

# How long open requests may take after the server was asked to stop, in seconds.
GRACE = 5.0

# How much later the interpreter's own watchdog ends the process than ours would, in seconds; the
# second, when its work is done: then nothing is at stake, and it may be on a busy machine.
BACKSTOP = 0.1
LATE_BACKSTOP = 5.0


@dataclass(slots=True)
class Ending:
    """How this process ends: when watchdogs end it, on the monotonic clock, and with what code.

    *code* is None as long as there is work to be done.
    """

    deadlines: list[float] = field(default_factory=list)
    code: int | None = None


ending = Ending()


class StopRequest:
    """Remembers that the server was asked to stop, until when it may take, and wakes it.

    *deadline* is on the monotonic clock. Holds no lock: `ask` is called by signal handlers,
    which may interrupt anything.
    """

    def __init__(self) -> None:
        self.asked = False
        self.deadline = math.inf
        self._wake: Callable[[], None] | None = None

    def ask(self, grace: float = GRACE) -> None:
        """Ask to stop within *grace* seconds; a later one that leaves more time does not count."""
        self.deadline = min(self.deadline, time.monotonic() + grace)
        self.asked = True
        if self._wake is not None:
            self._wake()

    def insist(self) -> None:
        """Ask to stop, or, when that was asked already, to wait for nothing any more."""
        self.ask(0.0 if self.asked else GRACE)

    def wakes(self, wake: Callable[[], None]) -> None:
        """Call *wake* on every request from now on, from any thread."""
        self._wake = wake

    def obey_signals(self) -> None:
        """Take every signal that means stop as a request. Main thread only."""
        for name in SIGNALS:
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, lambda _number, _frame: self.insist())


def end_within(seconds: float, *, code: int = 0) -> None:
    """End this process after *seconds* with *code* if it still runs then, whatever it is doing.

    If its work is done by then, it ends with the code of `work_is_done`. If the shell is gone, the
    programs that it started end too. Code that never lets another thread run is ended too, with
    code 1, by the interpreter's watchdog, and what it started is not. Asking again does not give
    more time.
    """
    deadline = time.monotonic() + seconds
    if ending.deadlines and min(ending.deadlines) <= deadline:
        return
    ending.deadlines.append(deadline)

    def watch() -> None:
        time.sleep(seconds)
        end_programs()
        os._exit(code if ending.code is None else ending.code)

    call_backstop(seconds + BACKSTOP)
    threading.Thread(target=watch, name="djdesk-watchdog", daemon=True).start()


def work_is_done(code: int, leftovers: float) -> None:
    """Let this process end with *code*, however long Python and the project take to leave.

    What the project leaves running has *leftovers* seconds.
    """
    ending.code = code
    end_within(leftovers)
    left = min(ending.deadlines) - time.monotonic()
    call_backstop(max(left, 0.0) + LATE_BACKSTOP)


def call_backstop(seconds: float) -> None:
    """Have the interpreter's own watchdog, which needs no turn of ours, end this process."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=STANDARD_ERROR)


def leave_without_teardown() -> None:
    """Let this process, when its work is done, end without tidying up the interpreter.

    That can take longer than any watchdog waits, and from then on ours gets no turn. To be called
    before others register their functions with atexit: the first is called last, when threads
    have ended.
    """
    atexit.register(leave)


def leave() -> None:
    """End this process with the code of `work_is_done`, if it was called."""
    if ending.code is None:
        return
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # None, broken or closed
            stream.flush()
    os._exit(ending.code)
