"""Which processes an application consists of, as Linux tells it.

Everything that is started for a test has a home folder of its own in its environment, by
which it is found also when its parent is gone.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import unix
from tests.e2e.waiting import until

_PROC = Path("/proc")
_LAUNCHER = "run_django.py"


@dataclass(frozen=True, slots=True)
class Process:
    """A running process. `started` tells it from a later one with the same number."""

    pid: int
    parent: int
    started: int
    words: tuple[str, ...]

    @property
    def is_server(self) -> bool:
        """Whether it is the bundle's Python, running the launcher."""
        return any(word.endswith(_LAUNCHER) for word in self.words)


def processes() -> Iterator[Process]:
    """Yield every process of this machine that has not ended."""
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            found = _read(int(folder.name))
            if found is not None:
                yield found


def living(home: Path) -> list[Process]:
    """Return the processes whose home is *home*, and those that these started."""
    everything = {process.pid: process for process in processes()}
    chosen = {pid for pid, process in everything.items() if _belongs(process, home)}
    for process in everything.values():
        line = list(_ancestors(process, everything))
        if chosen.intersection(line):
            chosen.add(process.pid)
    return [everything[pid] for pid in sorted(chosen)]


def servers(home: Path) -> list[Process]:
    """Return the servers among the processes of *home*."""
    return [process for process in living(home) if process.is_server]


def shells(home: Path) -> list[int]:
    """Return the numbers of the processes of *home* that no other one of them has started."""
    found = living(home)
    everyone = {process.pid for process in found}
    return [
        process.pid for process in found if process.parent not in everyone and not process.is_server
    ]


def none_left(home: Path, seconds: float) -> None:
    """Wait until nothing of *home* is running. Raises AssertionError that tells what is."""
    left: list[Process] = []

    def gone() -> bool:
        left[:] = living(home)
        return not left

    try:
        until(gone, "every process ends", seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}: {left}") from None


def seconds_until_no_server(home: Path, limit: float) -> float:
    """Return after how many seconds no server of *home* is left, *limit* at most."""
    started = time.monotonic()
    while servers(home):
        if time.monotonic() - started > limit:
            return limit
        time.sleep(0.01)
    return time.monotonic() - started


def kill(process: Process, by: signal.Signals = unix.SIGKILL) -> None:
    """End a process at once, if it is still the same one."""
    current = _read(process.pid)
    if current is not None and current.started == process.started:
        os.kill(process.pid, by)


def kill_all(home: Path) -> None:
    """End everything of *home* at once, for tests that failed."""
    while left := living(home):
        for process in left:
            kill(process)
        time.sleep(0.05)


def _belongs(process: Process, home: Path) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        environment = (_PROC / str(process.pid) / "environ").read_bytes()
    except OSError:
        environment = b""
    # Chromium's helpers overwrite their environment with their title, but carry their folders.
    return f"HOME={home}".encode() in environment.split(b"\0") or any(
        f"{home}/" in word for word in process.words
    )


def _ancestors(process: Process, everything: dict[int, Process]) -> Iterator[int]:
    current: Process | None = process
    while current is not None and current.parent > 1:
        yield current.parent
        current = everything.get(current.parent)


def _read(pid: int) -> Process | None:
    try:
        status = (_PROC / str(pid) / "stat").read_bytes()
        words = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return None
    # The name in parentheses may hold spaces and parentheses: proc_pid_stat(5).
    fields = status.rpartition(b")")[2].split()
    if fields[0] in {b"Z", b"X"}:
        return None
    decoded = (word.decode(errors="replace") for word in words.rstrip(b"\0").split(b"\0"))
    return Process(pid, int(fields[1]), int(fields[19]), tuple(decoded))
