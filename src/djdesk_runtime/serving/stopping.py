"""Being asked to stop: by a signal, by the shell, or because the shell is gone."""

from __future__ import annotations

import faulthandler
import math
import os
import signal
import threading
import time
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

# How much later the interpreter's own watchdog ends the process than ours would, in seconds.
BACKSTOP = 0.1

# When watchdogs end this process, on the monotonic clock.
ends: list[float] = []


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

    If the shell is gone, the programs that it started end too. Code that never lets another
    thread run is ended too, with code 1, by the interpreter's watchdog, and what it started is
    not. Asking again does not give more time.
    """
    deadline = time.monotonic() + seconds
    if ends and min(ends) <= deadline:
        return
    ends.append(deadline)

    def watch() -> None:
        time.sleep(seconds)
        end_programs()
        os._exit(code)

    faulthandler.dump_traceback_later(seconds + BACKSTOP, exit=True, file=STANDARD_ERROR)
    threading.Thread(target=watch, name="djdesk-watchdog", daemon=True).start()
