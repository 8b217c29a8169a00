"""One program at a time works with a data folder."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from djdesk_runtime.data.folder import unusable
from djdesk_runtime.data.waiting import LockWait
from djdesk_runtime.errors import DataInUseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder

# The open files that locks are on.
held: set[int] = set()


@contextmanager
def lock_data(data: DataFolder, patience: float = 0.0) -> Iterator[None]:
    """Keep every other server and restore away from *data*, which exists, until the block ends.

    Waits at most *patience* seconds for another process to let go. The system lets go of the
    lock when the process ends, however it ends; programs that it started do not have it. Raises
    `DataInUseError`, or `DataFolderError` where nothing can be locked.
    """
    with hold_file(data, data.server_lock, LockWait(patience), in_use):
        yield


@contextmanager
def hold_file(
    data: DataFolder,
    path: Path,
    wait: LockWait,
    in_use_error: Callable[[DataFolder], DataInUseError],
) -> Iterator[None]:
    """Hold the lock file *path* of *data* until the block ends. Forks of this process do not.

    Raises what *in_use_error* returns when another process has it, `DataFolderError` on a file
    system that has no locks, and `WaitCancelledError`.
    """
    try:
        descriptor = open_private(path)
    except OSError as error:
        raise unusable(data.root, error) from error
    held.add(descriptor)
    try:
        if not wait_for(descriptor, data, wait):
            raise in_use_error(data)
        yield
    finally:
        held.discard(descriptor)
        os.close(descriptor)


def open_private(path: Path) -> int:
    """Open the lock file *path*, closed to other users; it is created. Raises OSError."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def wait_for(descriptor: int, data: DataFolder, wait: LockWait) -> bool:
    """Lock the open file *descriptor*; tell whether that was possible in time. Raises as above."""
    deadline = time.monotonic() + wait.seconds
    try:
        while not take(descriptor):
            if not wait.pause(deadline):
                return False
    except OSError as error:
        raise unusable(data.root, error) from error
    return True


def take(descriptor: int) -> bool:
    """Lock the open file *descriptor*, and tell whether no other process has it locked."""
    if sys.platform == "win32":
        import msvcrt

        taken: tuple[type[OSError], ...] = (OSError,)  # Wine does not say which.
        lock = partial(msvcrt.locking, descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        taken = (BlockingIOError, PermissionError)
        lock = partial(fcntl.flock, descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        lock()
    except taken:
        return False
    return True


def let_go_in_child() -> None:
    """Close what a fork of this process has inherited: the lock would last as long as the fork."""
    for descriptor in held:
        os.close(descriptor)
    held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=let_go_in_child)


def in_use(data: DataFolder) -> DataInUseError:
    """Return the error that names the process which has *data*, as far as that is known."""
    facts = recorded(data)
    command = facts.get("command")
    if command:
        return DataInUseError(
            "Your data is in use by another command. It was not changed.",
            why=f"{holder(data)} works with {data.root}: {command}",
            next_step="Wait until it has ended, and try again.",
        )
    return DataInUseError(
        "Your data is in use: the application is already running.",
        why=f"{holder(data)} works with {data.root}",
        next_step=(
            "Use the window that is open, or close it and try again. If there is none, end that "
            "process."
        ),
    )


def holder(data: DataFolder) -> str:
    """Return "process N, started at T,", less where the file of the server does not say."""
    facts = recorded(data)
    try:
        return f"process {int(str(facts['pid']))}, started at {facts['started']},"
    except (KeyError, ValueError):
        return "another process"


def recorded(data: DataFolder) -> dict[str, object]:
    """Return what the file of the server says, nothing where it cannot be understood."""
    try:
        facts = json.loads(data.server_file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}
