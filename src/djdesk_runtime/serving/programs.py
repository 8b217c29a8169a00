"""The programs that a project starts: they do not outlive a server whose shell is gone.

On POSIX the shell starts the server in a process group, which is killed as a whole at the end.
On Windows the server is in a job, whose programs the system ends with it, however it ends. A
program that is meant to live on leaves the one or the other when it is started.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
import threading
from contextlib import suppress

log = logging.getLogger(__name__)

# Set when the shell is gone.
abandoned = threading.Event()


def keep_programs() -> None:
    """Have programs that are started from now on ended with this process; see `let_programs_go`.

    To be called before the project's code is loaded. The server works without it.
    """
    if sys.platform == "win32":
        from djdesk_runtime.serving.job import KEPT, limit_job

        try:
            limit_job(KEPT)
        except OSError as error:
            log.warning("programs that the project starts may outlive the server: %s", error)
    else:
        # Before the project's own handlers are registered: the last is called first.
        atexit.register(end_programs)


def let_programs_go() -> None:
    """Let programs live on, after an orderly stop: documents may be open in them.

    Not when the shell is gone: who it has left behind are not wanted any more.
    """
    if abandoned.is_set():
        return
    if sys.platform == "win32":
        from djdesk_runtime.serving.job import FREE, limit_job

        with suppress(OSError):
            limit_job(FREE)


def end_programs() -> None:
    """Kill this process's group, itself included, if it leads one and the shell is gone."""
    if sys.platform != "win32" and abandoned.is_set() and os.getpgrp() == os.getpid():
        logging.shutdown()
        os.killpg(os.getpid(), signal.SIGKILL)
