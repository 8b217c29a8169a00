"""Waiting for what other programs hold: never without an end, never for what is unwanted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# How often to look whether it is free, in seconds.
PAUSE = 0.05

# How long another program that has a database locked is waited for, in seconds.
DATABASE_SECONDS = 20.0


class WaitCancelledError(Exception):
    """What was waited for is no longer wanted: the server was asked to stop."""


def never() -> bool:
    """Tell that nobody has cancelled."""
    return False


@dataclass(frozen=True, slots=True)
class LockWait:
    """For how many *seconds* a lock is waited for, unless that is *cancelled*."""

    seconds: float
    cancelled: Callable[[], bool] = never

    def pause(self, deadline: float) -> bool:
        """Wait a moment; tell whether *deadline*, on the monotonic clock, is still to come.

        Raises `WaitCancelledError`.
        """
        if self.cancelled():
            raise WaitCancelledError
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE)
        return True
