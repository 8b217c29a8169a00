"""A plugin of pytest's that takes away what Windows has not: `pytest -p tests.without_unix`.

It shows on any machine which test modules could not even be imported on Windows. What pytest and
the libraries need of it themselves, they have when they are loaded; tests have `tests.unix`.
"""

from __future__ import annotations

import asyncio.subprocess
import multiprocessing.connection
import os
import platform
import signal
import socket
import sys
import time
import webbrowser

import filelock
import pytest

from tests import unix

_LOADED = (asyncio.subprocess, multiprocessing.connection, webbrowser, filelock, unix)
_MODULES = ("curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog")
_MORE_MODULES = ("termios", "tty")
_NAMES = {
    os: "chown chroot fchown fork forkpty getegid geteuid getgid getgroups getpgid getuid killpg "
    "lchown mkfifo mknod nice openpty setegid seteuid setgid setpgid setsid setuid statvfs sysconf "
    "uname wait4",
    signal: "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 alarm "
    "pause pthread_sigmask setitimer",
    socket: "AF_UNIX",
    time: "tzset",
}


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Take it away, before test modules are imported."""
    platform.uname()  # which keeps what it is told by os.uname
    for name in (*_MODULES, *_MORE_MODULES):
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in _NAMES.items():
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
