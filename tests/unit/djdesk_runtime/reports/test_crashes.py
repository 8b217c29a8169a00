import faulthandler
import io
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.reports import crashes
from djdesk_runtime.reports.crashes import KEPT_BYTES, crashes_only, watch_crashes

CRASH = "-- 2026-01-01T00:00:00+00:00 Tiny, process 7\nFatal Python error: Aborted\n  File …\n\n"
ENDED = "-- 2026-01-02T00:00:00+00:00 Tiny, process 8\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataFolder]:
    """A data folder with crashes watched, and everything as before afterwards."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "crash.log").write_text(CRASH + ENDED, encoding="utf-8")
    for place, name in (
        (sys, "excepthook"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
    ):
        monkeypatch.setattr(place, name, getattr(place, name))
    enabled = faulthandler.is_enabled()
    root, ours = logging.getLogger(), logging.getLogger("djdesk_runtime")
    handlers, level = root.handlers[:], ours.level
    watch_crashes(DataFolder(tmp_path), "Tiny Site 1.2.3")
    yield DataFolder(tmp_path)
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    ours.setLevel(level)
    faulthandler.disable()
    if enabled and sys.__stderr__:
        faulthandler.enable(sys.__stderr__)
    for stream in crashes.open_files:
        stream.close()
    crashes.open_files.clear()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        (ENDED, ""),
        (ENDED * 3, ""),
        (CRASH, CRASH),
        (ENDED + CRASH + ENDED + CRASH + ENDED, CRASH + CRASH),
        ("what another version wrote\n" + ENDED, ""),
        ("two\nlines\n" + CRASH, "two\nlines\n" + CRASH),
    ],
)
def test_only_crashes_are_kept(text: str, kept: str) -> None:
    assert crashes_only(text) == kept


def test_the_last_crashes_are_kept_up_to_a_size() -> None:
    many = [f"-- process {number}\n{'frame ' * 1000}\n" for number in range(100)]
    kept = crashes_only("".join(many))
    assert KEPT_BYTES - 7000 < len(kept.encode()) <= KEPT_BYTES
    assert kept.endswith(many[-1])
    assert kept.startswith("-- process ")


def test_stacks_of_fatal_errors_go_to_their_log(data: DataFolder) -> None:
    text = (data.logs / "crash.log").read_text(encoding="utf-8")
    assert text.startswith(CRASH + "-- 2")
    assert text.endswith(f" Tiny Site 1.2.3, process {os.getpid()}\n")
    assert faulthandler.is_enabled()
    faulthandler.dump_traceback(crashes.open_files[0])
    assert "test_stacks_of_fatal" in (data.logs / "crash.log").read_text(encoding="utf-8")


def test_a_crash_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    (data.logs / "crash.log").mkdir(parents=True)
    root = logging.getLogger()
    before = root.handlers[:]
    with pytest.MonkeyPatch.context() as patch:
        for place, name in ((sys, "excepthook"), (sys, "unraisablehook")):
            patch.setattr(place, name, getattr(place, name))
        patch.setattr(threading, "excepthook", threading.excepthook)
        watch_crashes(data, "Tiny")
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    assert "stacks of fatal errors cannot be kept" in data.log_file.read_text(encoding="utf-8")


def test_what_ends_a_thread_is_logged(data: DataFolder) -> None:
    def fail() -> None:
        raise ValueError("in the thread")

    for work in (fail, sys.exit):
        thread = threading.Thread(target=work, name="worker-7")
        thread.start()
        thread.join()
    log = data.log_file.read_text(encoding="utf-8")
    assert "uncaught exception in the thread worker-7" in log
    assert "ValueError: in the thread" in log
    assert "in fail" in log
    assert "SystemExit" not in log


def test_what_ends_the_main_thread_is_logged(data: DataFolder) -> None:
    for error in (ValueError("at the top"), KeyboardInterrupt()):
        sys.excepthook(type(error), error, None)
    log = data.log_file.read_text(encoding="utf-8")
    assert "CRITICAL djdesk_runtime.reports.crashes" in log
    assert "ValueError: at the top" in log
    assert "KeyboardInterrupt" not in log


def test_what_cannot_be_raised_is_logged(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless:
        def __del__(self) -> None:
            raise ValueError("in a destructor")

    Careless()
    log = data.log_file.read_text(encoding="utf-8")
    assert "ValueError: in a destructor" in log
    assert "Careless.__del__" in log


@pytest.mark.parametrize("broken", ["log", "description"])
def test_what_cannot_be_logged_either_raises_nothing(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    class Careless:
        def __del__(self) -> None:
            raise ValueError("in a destructor")

        def __repr__(self) -> str:
            if broken == "description":
                raise ValueError("in a description")
            return "Careless"

    if broken == "log":
        data.log_file.mkdir()
    Careless()
