"""How long a download may take and how large a file may be."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from build_support.published.retry import FailedAttempt


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one download, in seconds and bytes.

    `connect` ends with the TLS handshake and includes the name server's answer; `address`
    is for each of a host's addresses, so that a dead first one leaves time for the next.
    `read` is the longest silence, `total` is for all attempts together.
    """

    connect: float = 15.0
    address: float = 5.0
    read: float = 30.0
    total: float = 3600.0
    size: int = 250_000_000


class Deadline:
    """The end of a download's time."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + limits.total
        self._total = limits.total

    def left(self) -> float:
        """Return the seconds that are left. Raises FailedAttempt when there are none."""
        left = self._end - self._clock()
        if left <= 0:
            raise FailedAttempt(
                f"The download was not done after {self._total:.0f} s.",
                hint="Run again: what has come is kept, and the download goes on from there.",
            )
        return left
