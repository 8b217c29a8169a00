"""Who listens is told how far it is, not too often, and that it lives as long as it works."""

import threading
import time
from pathlib import Path

import pytest

from djdesk_runtime.data import progress as module
from djdesk_runtime.data.progress import (
    Progress,
    is_alive,
    progress_lines,
    report_bytes,
    report_step,
    reporting,
    signs,
    signs_of_life,
)
from tests.unit.djdesk_runtime.data.made_databases import add, make_data

LIMIT_SECONDS = 60


def test_nobody_needs_to_listen() -> None:
    report_bytes("Copying", 1, 2)


def test_each_kind_of_work_and_its_end_are_told_and_what_comes_too_soon_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "INTERVAL", 1e9)
    told: list[Progress] = []
    with reporting(told.append):
        for done in range(11):
            report_bytes("Copying", done, 10)
        for number in (1, 2):
            report_step("Migration", number, 2, f"notes.{number}")
    report_bytes("Copying", 1, 2)
    assert [(progress.action, progress.done, progress.total) for progress in told] == [
        ("Copying", 0, 10),
        ("Copying", 10, 10),
        ("Migration 1 of 2: notes.1", 0, 2),
        ("Migration 2 of 2: notes.2", 1, 2),
    ]


def test_terminal_gets_each_step_and_each_tenth_of_much() -> None:
    lines: list[str] = []
    listen = progress_lines(lines.append)
    for done in range(1001):
        listen(Progress("Copying", f"{done}", done * 10**6, 10**9))
        listen(Progress("Copying little", "little", done, 1000))
    listen(Progress("Step 1 of 1", "Step 1 of 1", 0, 1))
    assert lines == [*(str(number) for number in range(0, 1001, 100)), "Step 1 of 1"]


def test_what_works_is_alive_and_what_waits_is_not(tmp_path: Path) -> None:
    data = make_data(tmp_path, ["one"])
    before = signs(data)
    time.sleep(0.01)
    assert not is_alive(before, (before[0] + 0.01, signs(data)[1]))
    add(data.database("default"), ["two"])
    assert is_alive(before, (before[0], signs(data)[1]))
    assert is_alive(before, (before[0] + 1, before[1]))


def test_signs_of_life_repeat_what_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIFE_INTERVAL", 0.01)
    data = make_data(tmp_path, ["one"])
    told: list[Progress | None] = []
    enough = threading.Event()

    def listen(progress: Progress | None) -> None:
        told.append(progress)
        if told.count(told[0]) > 1:
            enough.set()

    with reporting(listen), signs_of_life(data, listen):
        report_step("Migration", 1, 2, "notes.1")
        names = iter(range(100_000))
        deadline = time.monotonic() + LIMIT_SECONDS
        while not enough.is_set() and time.monotonic() < deadline:
            add(data.database("default"), [str(next(names))])
    assert set(told) == {Progress("Migration 1 of 2: notes.1", "Migration 1 of 2: notes.1", 0, 2)}
    assert len(told) > 1
    count = len(told)
    add(data.database("default"), ["after the end"])
    assert len(told) == count
