from __future__ import annotations

import json
import subprocess
import sys

from build_support.bundles.protocol import send_start


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
