"""Commands of the project share the data; a change of all of it waits until they have ended.

Each command that works with the data has a file of its own, named for it and locked while it
lives. They are made under one more lock, which a change keeps as long as it takes.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from djdesk_runtime.data.folder import unusable
from djdesk_runtime.data.lock import hold_file, holder, open_private, take
from djdesk_runtime.data.waiting import LockWait
from djdesk_runtime.errors import DataInUseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder

# How long a change waits for commands to end, and a command for a change, in seconds.
COMMANDS_END = 10.0
CHANGE_ENDS = 5.0

NAME = re.compile(r"(?P<pid>\d+)-(?P<command>[\w.]+)\.lock", re.ASCII)
UNSAFE = re.compile(r"[^\w.]", re.ASCII)


@contextmanager
def shared_access(data: DataFolder, command: str) -> Iterator[None]:
    """Keep changes of all of *data* away while *command* works with it.

    Raises `DataInUseError` while such a change is under way, and `DataFolderError`. A fork of
    this process shares the lock: it may go on when this process has ended.
    """
    name = UNSAFE.sub("_", command.replace(" ", "."))
    path = data.commands / f"{os.getpid()}-{name}.lock"
    with hold_file(data, data.change_lock, LockWait(CHANGE_ENDS), changing_error):
        try:
            data.commands.mkdir(mode=0o700, exist_ok=True)
            descriptor = open_private(path)
            take(descriptor)
        except OSError as error:
            raise unusable(data.root, error) from error
    try:
        yield
    finally:
        os.close(descriptor)
        with suppress(OSError):
            path.unlink()


@contextmanager
def exclusive_access(
    data: DataFolder, tell: Callable[[str], None], cancelled: Callable[[], bool]
) -> Iterator[None]:
    """Let no command work with *data*, which is locked, until the block ends.

    Waits for those that do, and uses *tell* to say for whom. Raises `DataInUseError`,
    `DataFolderError`, and `WaitCancelledError` when *cancelled* says so.
    """
    wait = LockWait(COMMANDS_END, cancelled)
    with hold_file(data, data.change_lock, wait, changing_error):
        deadline = time.monotonic() + wait.seconds
        told = False
        while found := running_commands(data):
            if not told:
                tell(f"Waiting for {', '.join(found)}…")
                told = True
            if not wait.pause(deadline):
                raise commands_error(data, found)
        yield


def running_commands(data: DataFolder) -> list[str]:
    """Return the commands that work with *data*, for people. Forgets those that were killed.

    Nobody can begin meanwhile. Raises `DataFolderError`.
    """
    found = []
    try:
        for path in sorted(data.commands.glob("*.lock")):
            match = NAME.fullmatch(path.name)
            if match and is_locked(path):
                found.append(f"process {match['pid']} ({match['command'].replace('.', ' ')})")
    except OSError as error:
        raise unusable(data.root, error) from error
    return found


def is_locked(path: Path) -> bool:
    """Tell whether another process holds the lock file *path*; deletes it if not."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        locked = not take(descriptor)
    finally:
        os.close(descriptor)
    if not locked:
        with suppress(OSError):
            path.unlink()
    return locked


def commands_error(data: DataFolder, found: list[str]) -> DataInUseError:
    """Return the error that names the commands which *data* is in use by."""
    return DataInUseError(
        "Your data is in use by another command. It was not changed.",
        why=f"{', '.join(found)} works with {data.root}",
        next_step="Let it finish, or end it, and try again.",
    )


def changing_error(data: DataFolder) -> DataInUseError:
    """Return the error that names the process which is changing all of *data*."""
    return DataInUseError(
        "Your data is being updated or restored.",
        why=f"{holder(data)} changes {data.root}",
        next_step="Wait until that has ended, and try again.",
    )
