from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from build_support.bundles.protocol import read_events, send_start, wait_until_ready
from build_support.errors import BuildError


def test_a_server_is_told_one_line() -> None:
    program = "import sys; print(sys.stdin.readline(), end='')"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as server:
        send_start(server.stdin, token="t", port=7)
        assert server.stdout is not None
        assert json.loads(server.stdout.read()) == {"token": "t", "port": 7}


def test_a_server_that_has_ended_is_left_in_peace() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ""], stdin=subprocess.PIPE, encoding="utf-8"
    ) as server:
        server.wait(60)
        for command in ("start", "stop"):
            send_start(server.stdin, command=command)
    assert server.returncode == 0


NOISE = 'Loading…\n{"other": 1}\n[1, 2]\n"ready"\n\n{"event"\n'


def test_only_events_count_among_a_servers_lines() -> None:
    lines = f'{NOISE}{{"event": "progress"}}\n{NOISE}{{"event": "ready", "url": "x"}}\n'
    assert [event["event"] for event in read_events(io.StringIO(lines))] == ["progress", "ready"]
    assert wait_until_ready(io.StringIO(lines))["url"] == "x"


def test_a_server_that_only_makes_noise_never_is_ready() -> None:
    with pytest.raises(BuildError):
        wait_until_ready(io.StringIO(NOISE))
