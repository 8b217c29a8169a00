"""What holds for every test: the environment and the signals that it sees."""

from __future__ import annotations

import os
import signal

import pytest

from tests.environment import foreign_variables

#: What background jobs and `nohup` ignore, and with them all programs that they start.
_SIGNALS = ("SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM")


# Last: what pytest itself writes keeps the colours that it was asked for.
@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Clean what tests and the programs they start inherit, in every worker process."""
    for name in foreign_variables(list(os.environ)):
        del os.environ[name]
    os.environ["LANG"] = "C.UTF-8"
    for number in (getattr(signal, name, None) for name in _SIGNALS):
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            interrupt = number is signal.SIGINT
            signal.signal(number, signal.default_int_handler if interrupt else signal.SIG_DFL)
