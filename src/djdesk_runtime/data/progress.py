"""How far long work with the user's data is: numbers, and signs of life where there are none.

One listener at a time is told. What works with the data reports here, wherever it is called from;
nobody listening is fine.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from djdesk_runtime.data.folder import DataFolder

    type Listener = Callable[[Progress], None]
    type Signs = tuple[object, ...]

# How often the same work is reported, and how often signs of life are looked for, in seconds.
INTERVAL = 0.2
LIFE_INTERVAL = 5.0

# CPU time, in seconds, that this process may use while nothing progresses.
IDLE_SECONDS = 0.1

MEGABYTE = 1_000_000

# Less than that is done before anybody has read a line about it.
MUCH_BYTES = 50_000_000
TENTHS = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """How far *action* is, which people read: *done* of *total* bytes or steps, 0 of 0: unknown.

    *detail* is what people read of that.
    """

    action: str
    detail: str = ""
    done: int = 0
    total: int = 0


@dataclass(slots=True)
class Reporting:
    """Who listens, and what was reported to it last and when, on the monotonic clock."""

    listener: Listener
    latest: Progress | None = None
    moment: float = 0.0

    def report(self, progress: Progress) -> None:
        """Tell the listener, unless it was told of the same work just now."""
        now = time.monotonic()
        before, self.latest = self.latest, progress
        goes_on = before is not None and before.action == progress.action
        if goes_on and progress.done < progress.total and now - self.moment < INTERVAL:
            return
        self.moment = now
        self.listener(progress)


# The listener of this process, if there is one: not of a thread, for signs of life have their own.
current: list[Reporting] = []


@contextmanager
def reporting(listener: Listener) -> Iterator[None]:
    """Let *listener*, which any thread may call, be told of progress until the block ends."""
    current.append(Reporting(listener))
    try:
        yield
    finally:
        current.pop()


def report_bytes(action: str, done: int, total: int) -> None:
    """Report that *done* of *total* bytes of *action* are done."""
    detail = f"{action}: {megabytes(done)} of {megabytes(total)}"
    report(Progress(action, detail, done, total))


def report_step(action: str, number: int, total: int, name: str) -> None:
    """Report that the step *number* of *total* of *action*, called *name*, begins."""
    detail = f"{action} {number} of {total}: {name}"
    report(Progress(detail, detail, number - 1, total))


def report(progress: Progress) -> None:
    """Report *progress* to who listens, if anybody does."""
    if current:
        current[-1].report(progress)


def progress_lines(write: Callable[[str], None]) -> Listener:
    """Return a listener that has a line written for each step and each tenth of much data."""
    written: set[tuple[str, int]] = set()

    def listen(progress: Progress) -> None:
        tenth = (progress.action, TENTHS * progress.done // max(progress.total, 1))
        steps = progress.action == progress.detail
        if tenth not in written and (steps or progress.total >= MUCH_BYTES):
            written.add(tenth)
            write(progress.detail)

    return listen


@contextmanager
def signs_of_life(data: DataFolder, listener: Callable[[Progress | None], None]) -> Iterator[None]:
    """Tell *listener* again what it knows as long as this process works, until the block ends.

    A statement of a migration may take hours and reports no numbers. It is alive while the process
    computes, or a database, its log or a copy in *data* changes. A wait for others is no sign.
    """
    ended = threading.Event()

    def watch() -> None:
        before = signs(data)
        while not ended.wait(LIFE_INTERVAL):
            now = signs(data)
            if is_alive(before, now):
                listener(current[-1].latest if current else None)
            before = now

    thread = threading.Thread(target=watch, name="djdesk-signs-of-life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def signs(data: DataFolder) -> tuple[float, Signs]:
    """Return the CPU time of this process in seconds, and what files in *data* are like."""
    files: list[object] = []
    for pattern in ("*.sqlite3*", "*/*.sqlite3*"):
        with suppress(OSError):
            for path in data.root.glob(pattern):
                facts = path.stat()
                files.append((path.name, facts.st_size, facts.st_mtime_ns))
    return time.process_time(), tuple(files)


def is_alive(before: tuple[float, Signs], now: tuple[float, Signs]) -> bool:
    """Tell whether what was done between *before* and *now* is work."""
    return now[0] - before[0] > IDLE_SECONDS or now[1] != before[1]


def megabytes(count: int) -> str:
    """Return *count* bytes for people."""
    return f"{count / MEGABYTE:.1f} MB"
