"""What Unix has and Windows has not, by names that every system can import.

On Windows a test that calls one of the functions is skipped there and then.
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

if sys.platform == "win32":
    # The nearest that there is: it ends a process without asking it.
    SIGHUP = SIGKILL = SIGSTOP = SIGUSR1 = signal.SIGTERM
    AF_UNIX = socket.AF_INET

    def _skip(*_: object) -> NoReturn:
        pytest.skip("Windows has nothing of that kind")

    def geteuid() -> int:
        """Return the id of somebody who is not root."""
        return 1000

    getuid = geteuid
    chown: Callable[[Path | str, int, int], None] = _skip
    chown_link: Callable[[Path, int], None] = _skip
    fork: Callable[[], int] = _skip
    killpg: Callable[[int, int], None] = _skip
    limit_file_size: Callable[[int], None] = _skip
    mkfifo: Callable[[Path | str], None] = _skip
    openpty: Callable[[], tuple[int, int]] = _skip
    seteuid: Callable[[int], None] = _skip
    sync: Callable[[], None] = _skip
    tzset: Callable[[], None] = _skip
else:
    import resource
    from os import chown, fork, geteuid, getuid, killpg, mkfifo, openpty, seteuid, sync
    from signal import SIGHUP, SIGKILL, SIGSTOP, SIGUSR1
    from socket import AF_UNIX
    from time import tzset

    def chown_link(path: Path, user: int) -> None:
        """Give a link, and not what it leads to, to another user."""
        chown(path, user, -1, follow_symlinks=False)

    def limit_file_size(size: int) -> None:
        """Let this process write no file larger than so many bytes."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


__all__ = [
    "AF_UNIX",
    "SIGHUP",
    "SIGKILL",
    "SIGSTOP",
    "SIGUSR1",
    "chown",
    "chown_link",
    "fork",
    "geteuid",
    "getuid",
    "killpg",
    "limit_file_size",
    "mkfifo",
    "openpty",
    "seteuid",
    "sync",
    "tzset",
]
