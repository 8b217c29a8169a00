from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.desktop.server import run_server
from build_support.errors import BuildError
from tests import unix
from tests.unit.build_support.conftest import Said

#: Says what it is told to say, and notes what it is sent.
_SERVER = """
import sys
print(sys.stdin.readline().strip(), file=open("start", "w"))
for event in sys.argv[2:]:
    print(event, flush=True)
sys.exit(int(sys.argv[1]))
"""
_SERVING = """
import json, sys
sys.stdin.readline()
print(json.dumps({"event": "ready", "url": "http://127.0.0.1:1/"}), flush=True)
print(sys.stdin.readline().strip(), file=sys.stderr, flush=True)
"""
#: Both signals are ignored by what runs under nohup or in the background, as tests may.
_SESSION = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
from build_support.desktop.server import run_server
from build_support.reporter import Reporter
run_server([sys.executable, "-c", sys.argv[1]], {}, reporter=Reporter(sys.stdout))
"""
URL = "http://127.0.0.1:8000/"
LINK = f"{URL}.djdesk/open/key"


def _run(
    folder: Path, said: Said, code: int, *events: object, opened: list[str] | None = None
) -> None:
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    command: Sequence[str] = [sys.executable, "-c", _SERVER, str(code), *lines]
    opener = None if opened is None else opened.append
    run_server(command, {"port": 7}, reporter=said.reporter, folder=folder, opener=opener)


def test_events_are_told(tmp_path: Path, said: Said) -> None:
    opened: list[str] = []
    progress = {"event": "progress", "message": "Updating your data…", "phase": "updating"}
    _run(tmp_path, said, 0, progress, {"event": "ready", "url": URL, "link": LINK}, opened=opened)
    assert json.loads((tmp_path / "start").read_text()) == {"port": 7}
    for words in ("Updating your data…", URL, LINK):
        assert words in said.text
    assert opened == [LINK]


def test_progress_is_told_once_while_the_same_goes_on(tmp_path: Path, said: Said) -> None:
    events = [
        {"event": "progress", "message": message, "phase": "updating", "done": done}
        for message, count in (("Updating…", 200), ("Starting…", 2), ("Updating…", 2))
        for done in range(count)
    ]
    _run(tmp_path, said, 0, *events)
    lines = [line.strip() for line in said.text.splitlines()]
    assert lines == ["Updating…", "Starting…", "Updating…"]


def test_without_a_link_the_address_is_opened(tmp_path: Path, said: Said) -> None:
    opened: list[str] = []
    _run(tmp_path, said, 0, {"event": "ready", "url": URL}, opened=opened)
    assert opened == [URL]


def test_what_the_server_says_of_its_failure_is_told(tmp_path: Path, said: Said) -> None:
    message = "The data folder is in use.\nReason: By 12.\nWhat to do: Close it."
    with pytest.raises(BuildError) as caught:
        _run(tmp_path, said, 8, {"event": "failed", "message": message, "log": "/log", "code": 8})
    assert caught.value.what == "The data folder is in use."
    assert "Close it." in caught.value.why
    assert "/log" in caught.value.hint


def test_a_server_that_ends_with_an_error_fails_the_session(tmp_path: Path, said: Said) -> None:
    with pytest.raises(BuildError) as caught:
        _run(tmp_path, said, 3)
    assert "3" in caught.value.what


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, unix.SIGHUP])
def test_a_session_that_is_ended_tells_its_server_to_stop(number: signal.Signals) -> None:
    session = subprocess.Popen(
        [sys.executable, "-c", _SESSION, _SERVING],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with session:
        assert session.stdout is not None
        assert session.stderr is not None
        assert "http://127.0.0.1:1/" in session.stdout.readline()
        session.send_signal(number)
        assert json.loads(session.stderr.readline()) == {"command": "stop"}
        assert session.wait(60) != 0
