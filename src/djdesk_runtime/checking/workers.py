"""Run something for a limited time: a page may wait for ever, and the others are asked too.

One thread does everything, as its database connections and its thread's own state go on; one that
does not come back is left alone, and another takes its place.
"""

from __future__ import annotations

import queue
import sys
import threading
from typing import TYPE_CHECKING

from djdesk_runtime.checking.findings import stack_of

if TYPE_CHECKING:
    import traceback
    from collections.abc import Callable

    type Job = Callable[[], object]
    type Answers = queue.SimpleQueue[tuple[object, BaseException | None]]


class TookTooLongError(Exception):
    """The time was up. *frames* is where the thread was then."""

    def __init__(self, seconds: float, frames: list[traceback.FrameSummary]) -> None:
        super().__init__(f"took longer than {seconds:.0f} s")
        self.frames = frames


class Worker:
    """A thread that runs one job after the other."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Job, Answers]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=work, args=(self._jobs,), daemon=True)
        self._thread.start()

    def run[T](self, job: Callable[[], T], seconds: float) -> T:
        """Return what *job* returns, or raise what it raises.

        Raises `TookTooLongError` after *seconds*.
        """
        answers: Answers = queue.SimpleQueue()
        self._jobs.put((job, answers))
        try:
            result, error = answers.get(timeout=seconds)
        except queue.Empty:
            frames = stack_of(self._thread.ident, dict(sys._current_frames()))  # noqa: SLF001
            self._start()
            raise TookTooLongError(seconds, frames) from None
        if error is not None:
            raise error
        return result  # type: ignore[return-value]


def work(jobs: queue.SimpleQueue[tuple[Job, Answers]]) -> None:
    """Run what comes; SystemExit and the like of a page end nothing."""
    while True:
        job, answers = jobs.get()
        try:
            answers.put((job(), None))
        except BaseException as error:  # noqa: BLE001 - handed on
            answers.put((None, error))
