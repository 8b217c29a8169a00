"""Being asked to stop: by a signal, or because the program that started the server is gone."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Those that exist on the running system are obeyed. SIGBREAK is Windows' CTRL_BREAK, the only
# one that another process can send there.
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")

STANDARD_INPUT = 0
CHUNK_BYTES = 4096


class StopRequest:
    """Remembers that the server was asked to stop, and wakes it.

    Holds no lock: `ask` is called by signal handlers, which may interrupt anything.
    """

    def __init__(self) -> None:
        self.asked = False
        self.urgent = False
        self._wake: Callable[[], None] | None = None

    def ask(self) -> None:
        """Ask to stop; asking again means at once, without waiting for open requests."""
        self.urgent = self.asked
        self.asked = True
        if self._wake is not None:
            self._wake()

    def wakes(self, wake: Callable[[], None]) -> None:
        """Call *wake* on every request from now on, from any thread."""
        self._wake = wake

    def obey_signals(self) -> None:
        """Take every signal that means stop as a request. Main thread only."""
        for name in SIGNALS:
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, lambda _number, _frame: self.ask())


def claim_standard_input() -> int | None:
    """Return a private descriptor of standard input and leave an empty one in its place.

    Otherwise a program started by the project would share it, and on Windows wait for ever:
    a pipe that one thread is reading from cannot be inspected by another process. None when
    there is no standard input.
    """
    try:
        private = os.dup(STANDARD_INPUT)
    except OSError:
        return None
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, STANDARD_INPUT)
    os.close(null)
    return private


def stop_at_end_of(descriptor: int | None, stop: StopRequest) -> None:
    """Ask *stop* when *descriptor* reaches its end, watched by a thread of its own."""

    def watch(descriptor: int) -> None:
        try:
            while os.read(descriptor, CHUNK_BYTES):
                pass
        finally:
            stop.ask()

    if descriptor is None:
        stop.ask()
        return
    threading.Thread(target=watch, args=(descriptor,), name="djdesk-stdin", daemon=True).start()
