from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from build_support.desktop import dev_server
from build_support.desktop.dev_server import Start, StartLineError, choose_port, proof
from tests import unix

#: In the place of the project's: what `runserver` does is told by a file beside it.
_MANAGE = """
import http.server, signal, subprocess, sys, time
from pathlib import Path

command, address = sys.argv[1:]
assert command == "runserver"
host, _, port = address.partition(":")
print("said by runserver", flush=True)
{then}
server = http.server.HTTPServer((host, int(port)), http.server.BaseHTTPRequestHandler)
server.serve_forever()
"""
#: Django's autoreload has a second process, which serves.
_RELOADING = """
if not Path("serving").exists():
    Path("serving").touch()
    sys.exit(subprocess.run([sys.executable, *sys.argv]).returncode)
"""
TOKEN, NONCE = "t" * 43, "n" * 22

_posix = pytest.mark.skipif(os.name == "nt", reason="processes are counted by pipes")


class Running:
    """A development server, and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def send(self, **line: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def event(self, name: str) -> Mapping[str, Any]:
        """Return the next event of a name."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: Mapping[str, Any] = json.loads(line)
            if event["event"] == name:
                return event
        raise AssertionError(name)

    def hang_up(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> tuple[int, str]:
        """Wait until nobody writes any more: it and all that it has started are gone."""
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        return self.process.wait(60), said


@contextmanager
def _running(folder: Path, then: str = "") -> Iterator[Running]:
    (folder / "manage.py").write_text(_MANAGE.format(then=then))
    process = subprocess.Popen(
        [sys.executable, "-P", dev_server.__file__],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Running(process)
        finally:
            if process.stdin is not None and not process.stdin.closed:
                process.stdin.close()
            process.wait(60)


def test_it_proves_that_it_was_told_the_token(tmp_path: Path) -> None:
    with _running(tmp_path) as running:
        running.send(token=TOKEN, nonce=NONCE, data_dir="/data", unknown=1)
        assert running.event("progress")["phase"] == "starting"
        ready = running.event("ready")
        expected = proof(Start(TOKEN, NONCE), ready["url"])
        running.send(command="stop")
        code, said = running.end()
    assert ready["url"] == f"http://127.0.0.1:{ready['port']}/"
    assert (ready["proof"], ready["data_dir"]) == (expected, "/data")
    assert ready["pid"] == running.process.pid
    assert code == 0
    assert "said by runserver" in said
    assert TOKEN not in said


def test_the_proof_is_the_contracts() -> None:
    import hashlib
    import hmac

    url = "http://127.0.0.1:8000/"
    message = b"djdesk-ready\n" + NONCE.encode() + b"\n" + url.encode()
    expected = hmac.new(TOKEN.encode(), message, hashlib.sha256).hexdigest()
    assert proof(Start(TOKEN, NONCE), url) == expected


def test_without_a_token_there_is_no_proof(tmp_path: Path) -> None:
    with _running(tmp_path) as running:
        running.send()
        assert "proof" not in running.event("ready")


def test_the_preferred_port_is_taken_if_it_is_free(tmp_path: Path) -> None:
    port = choose_port(0)
    with _running(tmp_path) as running:
        running.send(port=port)
        assert running.event("ready")["port"] == port


def test_another_port_is_taken_if_it_is_not(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter, _running(tmp_path) as running:
        port = squatter.getsockname()[1]
        running.send(port=port)
        assert running.event("ready")["port"] not in {0, port}


@_posix
@pytest.mark.parametrize("then", ["", _RELOADING], ids=["one process", "two processes"])
@pytest.mark.parametrize("how", ["stop", "end of input", "SIGTERM", "SIGINT"])
def test_nothing_is_left_of_it(tmp_path: Path, then: str, how: str) -> None:
    with _running(tmp_path, then) as running:
        running.send()
        running.event("ready")
        if how == "stop":
            running.send(command="stop")
        elif how == "end of input":
            running.hang_up()
        else:
            running.process.send_signal(getattr(signal, how))
        assert running.end()[0] == 0


@_posix
def test_a_server_that_does_not_want_to_end_is_ended(tmp_path: Path) -> None:
    with _running(tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)") as running:
        running.send()
        running.event("ready")
        running.hang_up()
        assert running.end()[0] == 0


@_posix
def test_it_can_be_ended_before_it_answers(tmp_path: Path) -> None:
    with _running(tmp_path, "time.sleep(600)") as running:
        running.send()
        running.event("progress")
        running.hang_up()
        assert running.end()[0] == 0


def test_a_server_that_ends_by_itself_is_a_failure(tmp_path: Path) -> None:
    with _running(tmp_path, "sys.exit('no settings')") as running:
        running.send()
        failed = running.event("failed")
        code, said = running.end()
    assert code == failed["code"] == 1
    assert "Reason:" in failed["message"]
    assert said.count("no settings") == 1


@_posix
def test_a_server_that_ends_later_is_a_failure(tmp_path: Path) -> None:
    then = "signal.signal(signal.SIGUSR1, lambda *_: sys.exit(3))\n"
    then += "import os; Path('pid').write_text(str(os.getpid()))"
    with _running(tmp_path, then) as running:
        running.send()
        running.event("ready")
        os.kill(int((tmp_path / "pid").read_text()), unix.SIGUSR1)
        assert running.event("failed")["code"] == 1
        assert running.end()[0] == 1


@pytest.mark.parametrize(
    "line", ["", "words\n", "[]\n", '{"port": "80"}\n', '{"port": 65536}\n', '{"token": 1}\n']
)
def test_the_start_up_line(tmp_path: Path, line: str) -> None:
    with _running(tmp_path) as running:
        assert running.process.stdin is not None
        running.process.stdin.write(line)
        if line:
            running.process.stdin.flush()
            assert running.event("failed")["code"] == 2
        running.hang_up()
        code, said = running.end()
    assert code == (2 if line else 0)
    assert said == ""


@pytest.mark.parametrize("line", [b'{"port": true}', b'{"port": -1}', b"\xff", b"null"])
def test_a_start_up_line_that_is_wrong(line: bytes) -> None:
    with pytest.raises(StartLineError):
        Start.parse(line)


@_posix
def test_a_mistake_in_the_project_is_waited_for(tmp_path: Path) -> None:
    pytest.importorskip("django")
    settings = "DEBUG = True\nSECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\n"
    (tmp_path / "settings.py").write_text(settings)
    page = "from django.http import HttpResponse\nfrom django.urls import path\n"
    page += "urlpatterns = [path('', lambda _: HttpResponse('mended'))]\n"
    (tmp_path / "urls.py").write_text(f"{page}x = (")
    with _running(tmp_path) as running:
        (tmp_path / "manage.py").write_text(
            "import os, sys\nos.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\n"
            "from django.core.management import execute_from_command_line\n"
            "execute_from_command_line(sys.argv)\n"
        )
        running.send()
        assert running.process.stderr is not None
        for line in running.process.stderr:
            if "SyntaxError" in line:
                break
        assert running.process.poll() is None
        (tmp_path / "urls.py").write_text(page)
        with ThreadPoolExecutor(1) as pool:
            ready = pool.submit(running.event, "ready")
            # Django may look for the first time only after the change, so there is another.
            for seconds in itertools.count(1):
                if wait([ready], timeout=1.0).done:
                    break
                os.utime(tmp_path / "urls.py", (time.time() + seconds,) * 2)
        url = ready.result()["url"]
        with urllib.request.urlopen(url) as answer:
            assert answer.read() == b"mended"
        running.send(command="stop")
        assert running.end()[0] == 0
