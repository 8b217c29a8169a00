from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.desktop.window import run_window
from build_support.errors import BuildError
from tests import unix

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")

#: Runs a window as a session does; what nox does about Ctrl-C is Python's to say here.
#: Both signals are ignored by what runs under nohup or in the background, as tests may.
_SESSION = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
from build_support.desktop import window
window.STOP_SECONDS = float(sys.argv[1])
window.run_window([sys.executable, "-c", sys.argv[2]], {})
"""
#: A window that tells what it is told, and ends a little later.
_POLITE = """
import signal, sys
def stop(number, frame):
    print(signal.Signals(number).name, flush=True)
    raise SystemExit(0)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, stop)
print("open", flush=True)
while True:
    signal.pause()
"""
#: One that has a child, and does not end.
_STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, lambda *_: print("SIGTERM", flush=True))
wait = "import sys, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
child = subprocess.Popen([sys.executable, "-c", wait])
print("open", child.pid, flush=True)
while True:
    signal.pause()
"""


@contextmanager
def _session(window: str, seconds: float = 60.0) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _SESSION, str(seconds), window],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_window_that_is_closed_is_the_end() -> None:
    run_window(_program("pass"), {})


def test_a_window_that_fails_fails_the_session() -> None:
    with pytest.raises(BuildError) as caught:
        run_window(_program("raise SystemExit(3)"), {})
    assert "3" in caught.value.what


def test_a_window_gets_its_variables_and_none_of_another_electron(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELECTRON_RUN_AS_NODE", "1")
    monkeypatch.setenv("OF_THE_USER", "1")
    said = tmp_path / "said"
    text = f"import json, os; open({str(said)!r}, 'w').write(json.dumps(dict(os.environ)))"
    run_window(_program(text), {"DJDESK_BUNDLE": "/bundle"})
    import json

    variables: Mapping[str, str] = json.loads(said.read_text())
    assert variables["DJDESK_BUNDLE"] == "/bundle"
    assert variables["OF_THE_USER"] == "1"
    assert "ELECTRON_RUN_AS_NODE" not in variables


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, unix.SIGHUP])
def test_a_session_that_is_ended_asks_its_window_once(number: signal.Signals) -> None:
    with _session(_POLITE) as session:
        assert _line(session) == "open"
        session.send_signal(number)
        assert _line(session) == "SIGTERM"
        assert session.wait(60) != 0
        assert session.stderr is not None
        assert "KeyboardInterrupt" in session.stderr.read()
        assert _line(session) == ""


def test_a_window_that_does_not_end_is_ended_with_all_its_processes() -> None:
    with _session(_STUBBORN, seconds=0.2) as session:
        child = int(_line(session).split()[1])
        session.send_signal(signal.SIGINT)
        assert _line(session) == "SIGTERM"
        session.wait(60)
        # The pipe has an end when nobody holds it any more: the child is gone, too.
        assert _line(session) == ""
    assert child


def test_a_second_ctrl_c_does_not_wait() -> None:
    with _session(_STUBBORN, seconds=600) as session:
        _line(session)
        session.send_signal(signal.SIGINT)
        assert _line(session) == "SIGTERM"
        session.send_signal(signal.SIGINT)
        assert session.wait(60) != 0
        assert _line(session) == ""
