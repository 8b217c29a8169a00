"""Wait until something is so, and say what was not when it never is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 30.0  # seconds; a healthy machine needs a tenth of them
#: How long a server may live without its shell, and what seeing it takes on a busy machine.
LEFT_SECONDS, SLACK_SECONDS = 2.0, 0.3
_PAUSE = 0.02

Found = TypeVar("Found")


def until(condition: Callable[[], Found | None], what: str, seconds: float = PATIENCE) -> Found:
    """Ask *condition* until its answer is true, and return that answer.

    Raises AssertionError that names *what* did not happen within *seconds*.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what} (last: {found!r})")
        time.sleep(_PAUSE)
