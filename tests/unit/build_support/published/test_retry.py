from __future__ import annotations

from datetime import UTC, datetime

import pytest

from build_support.published.retry import FailedAttempt, Retry, pause, persist, retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0.0),
        ("", 0.0),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("-3", 0.0),
        ("1.5", 0.0),
        ("soon", 0.0),
        ("\u0663", 0.0),
        ("9" * 5000, 999_999_999.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30.0),
    ],
)
def test_retry_after(value: str | None, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


def test_pauses_grow_up_to_a_limit() -> None:
    retry = Retry(first_pause=1.0, longest_pause=5.0)
    assert [pause(retry, number, 0.0, 1.0) for number in (1, 2, 3, 4, 50)] == [1, 2, 4, 5, 5]
    assert pause(retry, 3, 0.0, 0.25) == 1.0
    assert pause(retry, 1, 30.0, 1.0) == 30.0
    assert pause(retry, 1, 3000.0, 1.0) == retry.longest_requested_pause


def run(*outcomes: FailedAttempt | str, retry: Retry) -> tuple[str, list[float], list[str]]:
    left = list(outcomes)
    pauses: list[float] = []
    notes: list[str] = []

    def attempt() -> str:
        outcome = left.pop(0)
        if isinstance(outcome, FailedAttempt):
            raise outcome
        return outcome

    result = persist(attempt, retry, sleep=pauses.append, note=notes.append, chance=lambda: 1.0)
    return result, pauses, notes


def passing(*, answered: bool = True, progress: bool = False) -> FailedAttempt:
    failure = FailedAttempt("It broke.", again=True, answered=answered)
    failure.progress = progress
    return failure


def test_success_at_once_waits_for_nothing() -> None:
    assert run("done", retry=Retry()) == ("done", [], [])


def test_failures_are_told_and_counted() -> None:
    result, pauses, notes = run(passing(), passing(), "done", retry=Retry(attempts=3))
    assert result == "done"
    assert pauses == [0.5, 1.0]
    assert notes[0] == "It broke. Trying again in 0.5 s."
    with pytest.raises(FailedAttempt):
        run(passing(), passing(), "done", retry=Retry(attempts=2))


def test_progress_starts_the_count_anew_up_to_a_cap() -> None:
    outcomes = [passing(progress=True) for _ in range(6)]
    assert run(*outcomes, "done", retry=Retry(attempts=2))[1] == [0.5] * 6
    with pytest.raises(FailedAttempt):
        run(*outcomes, "done", retry=Retry(attempts=2, total_attempts=6))


def test_what_is_final_is_not_tried_again() -> None:
    with pytest.raises(FailedAttempt):
        run(FailedAttempt("No."), "done", retry=Retry())


def test_an_answer_in_any_attempt_is_remembered() -> None:
    with pytest.raises(FailedAttempt) as caught:
        run(passing(), passing(answered=False), retry=Retry(attempts=2))
    assert caught.value.answered


def test_unanswered_attempts_have_a_count_of_their_own() -> None:
    with pytest.raises(FailedAttempt) as caught:
        run(passing(answered=False), "done", retry=Retry(connect_attempts=1))
    assert not caught.value.answered
