"""A plugin of pytest's that takes away what Windows has not: `pytest -p tests.without_unix`.

It shows on any machine which test modules could not even be imported on Windows. The product and
the libraries ask first which system it is, which mypy follows for each; tests have `tests.unix`.
"""

from __future__ import annotations

import asyncio.subprocess
import builtins
import multiprocessing.connection
import os
import platform
import signal
import socket
import time
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

import filelock
import pytest

from tests import unix

_LOADED = (asyncio.subprocess, multiprocessing.connection, webbrowser, filelock, unix)
_MODULES = frozenset(
    {"curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios"}
)
_TESTS = Path(__file__).parent
_import = builtins.__import__
_NAMES = {
    os: "chown chroot fchown fork forkpty getegid geteuid getgid getgroups getpgid getuid killpg "
    "lchown mkfifo mknod nice openpty setegid seteuid setgid setpgid setsid setuid statvfs sysconf "
    "uname wait4",
    signal: "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 alarm "
    "pause pthread_sigmask setitimer",
    socket: "AF_UNIX",
    time: "tzset",
}


def _import_as_on_windows(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002 - as Python calls it
    locals: Mapping[str, object] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    importer = Path(str((globals or {}).get("__file__", "")))
    if name in _MODULES and (importer.name.startswith("test_") or _TESTS in importer.parents):
        raise ModuleNotFoundError(f"No module named {name!r} on Windows")
    return _import(name, globals, locals, fromlist or (), level)


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Take it away, before test modules are imported."""
    platform.uname()  # which keeps what it is told by os.uname
    builtins.__import__ = _import_as_on_windows
    for module, names in _NAMES.items():
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
