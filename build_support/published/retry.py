"""When a failed attempt is worth another, and how long to wait before it. No input or output."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Retry:
    """How patient to be. Pauses are in seconds.

    `attempts` may fail one after the other; one that brought bytes which are kept starts
    the count anew, up to `total_attempts` in all. `connect_attempts` takes the place of
    `attempts` while no server could be reached: 1 where something else can be used instead.
    """

    attempts: int = 5
    total_attempts: int = 40
    connect_attempts: int = 3
    first_pause: float = 0.5
    longest_pause: float = 20.0
    longest_requested_pause: float = 60.0


class FailedAttempt(Exception):  # noqa: N818 - an event of the loop below, never shown as an error
    """One attempt that came to nothing.

    `reason` is a sentence for people. `again`: another attempt may help. `answered`: some
    server (or proxy) was reached. `requested_pause`: seconds the server asked to wait.
    `progress`: bytes came that the next attempt does not have to ask for again.
    """

    def __init__(
        self,
        reason: str,
        *,
        hint: str = "",
        again: bool = False,
        answered: bool = True,
        requested_pause: float = 0.0,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.again = again
        self.answered = answered
        self.requested_pause = requested_pause
        self.progress = False


def persist(
    attempt: Callable[[], Result],
    retry: Retry,
    *,
    sleep: Callable[[float], None],
    note: Callable[[str], None],
    chance: Callable[[], float] = random.random,
) -> Result:
    """Call `attempt` until it returns, or raise its last FailedAttempt.

    That one's `answered` is true when any attempt was answered.
    """
    failures = 0
    answered = False
    for number in itertools.count(1):
        try:
            return attempt()
        except FailedAttempt as failure:
            answered = failure.answered = answered or failure.answered
            failures = 1 if failure.progress else failures + 1
            allowed = retry.attempts if failure.answered else retry.connect_attempts
            if not failure.again or failures >= allowed or number >= retry.total_attempts:
                raise
            wait = pause(retry, failures, failure.requested_pause, chance())
            note(f"{failure.reason} Trying again in {wait:.1f} s.")
            sleep(wait)
    raise AssertionError  # the count above has no end


def pause(retry: Retry, failures: int, requested: float, chance: float) -> float:
    """Return the seconds to wait after so many failures in a row; `chance` is in [0, 1).

    Exponential with full jitter, which spreads many clients best
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), but never
    shorter than the server asked for, unless it asked for more than anyone waits.
    """
    longest = min(retry.longest_pause, retry.first_pause * 2.0 ** (failures - 1))
    return max(chance * longest, min(requested, retry.longest_requested_pause))


def retry_after(value: str | None, now: datetime | None = None) -> float:
    """Return the seconds that a Retry-After header asks for, 0 when it says nothing useful.

    It is a number of seconds or an HTTP date (RFC 9110, section 10.2.3).
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
