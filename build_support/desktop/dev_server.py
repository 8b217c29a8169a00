"""Django's own server behind the shell's protocol. Run by the project's Python, in its folder.

The shell, or `nox -s dev -- --browser`, starts this as it starts a bundle's server: one
start-up line on standard input, events as lines of JSON on standard output, a line
`{"command": "stop"}` or the end of the input ends it. `manage.py runserver` with its
autoreload runs below, and writes to standard error. Standard library only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Literal

_LONGEST_LINE = 1 << 16
_HOST = "127.0.0.1"
_HIGHEST_PORT = 65535
#: Seconds between two attempts to connect, and after how many it is said that nothing answers.
_PAUSE = 0.1
_ATTEMPTS_IN_SILENCE = 100
_CONNECT_SECONDS = 1.0
#: Seconds for Django's server to end by itself. Everything is over in two.
_END_SECONDS = 1.0

_STARTING = "Starting Django's development server…"
_SILENT = "Django's development server does not answer yet; the terminal says why."

Happening = Literal["stop", "ended"]


class StartLineError(Exception):
    """The start-up line is not what it has to be."""


@dataclass(frozen=True, slots=True)
class Start:
    """The start-up line; unknown keys are ignored."""

    token: str = ""
    nonce: str = ""
    data_dir: str = ""
    port: int = 0

    @classmethod
    def parse(cls, line: bytes) -> Start:
        """Read a line. Raises StartLineError."""
        try:
            document = json.loads(line)
        except ValueError as error:
            raise StartLineError(str(error)) from None
        if not isinstance(document, dict):
            raise StartLineError("it is no object")
        port = document.get("port", 0)
        if type(port) is not int or not 0 <= port <= _HIGHEST_PORT:
            raise StartLineError("port is not a number from 0 to 65535")
        texts = {name: document.get(name) or "" for name in ("token", "nonce", "data_dir")}
        if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
            raise StartLineError(f"{wrong[0]} is not a text")
        return cls(**texts, port=port)


def main() -> int:
    """Serve until told to stop; return the exit code."""
    # What print() writes, here and in Django, must not come between the events.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    # Unbuffered, because a thread that holds a buffer's lock in the end aborts the process.
    shell = os.fdopen(0, "rb", buffering=0)
    line = shell.readline(_LONGEST_LINE + 1)
    if not line:
        return 0
    try:
        start = Start.parse(line)
    except StartLineError as error:
        _tell_failed(channel, f"The start-up line is wrong.\nReason: {error}", 2)
        return 2
    happenings: queue.SimpleQueue[Happening] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: happenings.put("stop"))
    threading.Thread(target=_listen, args=[shell, happenings], daemon=True).start()
    return _serve(start, channel, happenings)


def _serve(start: Start, channel: IO[str], happenings: queue.SimpleQueue[Happening]) -> int:
    _tell(channel, "progress", message=_STARTING, phase="starting")
    port = choose_port(start.port)
    server = _start_django(port)
    threading.Thread(target=_watch, args=[server, happenings], daemon=True).start()
    try:
        happening = _wait_for_answer(port, channel, happenings)
        if happening is None:
            _tell_ready(channel, start, port)
            happening = happenings.get()
    finally:
        _end(server)
    if happening == "stop":
        return 0
    message = "Django's development server has ended.\nReason: The terminal says why."
    _tell_failed(channel, message, 1)
    return 1


def choose_port(preferred: int) -> int:
    """Return the preferred port if it is free, else one that is."""
    if preferred and is_free(preferred):
        return preferred
    with socket.create_server((_HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether a server can have a port."""
    try:
        # As Django does it: on POSIX, a port whose last connections linger counts as free.
        socket.create_server((_HOST, port)).close()
    except OSError:
        return False
    return True


def proof(start: Start, url: str) -> str:
    """Return what shows that this is the process that was given the token and the nonce."""
    message = f"djdesk-ready\n{start.nonce}\n{url}".encode()
    return hmac.new(start.token.encode(), message, hashlib.sha256).hexdigest()


def _start_django(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-X", "utf8", "manage.py", "runserver", f"{_HOST}:{port}"]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        process_group=None if sys.platform == "win32" else 0,
    )


def _wait_for_answer(
    port: int, channel: IO[str], happenings: queue.SimpleQueue[Happening]
) -> Happening | None:
    """Return None when the port answers, or what happened before.

    A mistake in the project leaves Django's autoreload waiting for its correction: that is
    no failure, however long it takes.
    """
    attempt = 0
    while True:
        with suppress(queue.Empty):
            return happenings.get(timeout=_PAUSE)
        with suppress(OSError), socket.create_connection((_HOST, port), _CONNECT_SECONDS):
            return None
        attempt += 1
        if attempt % _ATTEMPTS_IN_SILENCE == 0:
            _tell(channel, "progress", message=_SILENT, phase="starting")


def _listen(shell: IO[bytes], happenings: queue.SimpleQueue[Happening]) -> None:
    """Wait for the command to stop, or for the end of the shell."""
    for line in shell:
        with suppress(ValueError):
            document = json.loads(line)
            if isinstance(document, dict) and document.get("command") == "stop":
                break
    happenings.put("stop")


def _watch(server: subprocess.Popen[bytes], happenings: queue.SimpleQueue[Happening]) -> None:
    server.wait()
    happenings.put("ended")


def _end(server: subprocess.Popen[bytes]) -> None:
    """End Django's server, and the one that its autoreload has started."""
    if sys.platform == "win32":
        command = ["taskkill", "/PID", str(server.pid), "/T", "/F"]
        subprocess.run(command, capture_output=True, check=False)
    else:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(server.pid, number)
            with suppress(subprocess.TimeoutExpired):
                server.wait(_END_SECONDS)


def _tell_ready(channel: IO[str], start: Start, port: int) -> None:
    url = f"http://{_HOST}:{port}/"
    known: Mapping[str, Any] = {"proof": proof(start, url)} if start.token and start.nonce else {}
    place = {"data_dir": start.data_dir, "log": ""}
    _tell(channel, "ready", url=url, port=port, pid=os.getpid(), **place, **known)


def _tell_failed(channel: IO[str], message: str, code: int) -> None:
    hint = "What to do: Correct it, and start again."
    _tell(channel, "failed", message=f"{message}\n{hint}", log="", code=code)


def _tell(channel: IO[str], event: str, **values: object) -> None:
    with suppress(BrokenPipeError):  # the shell is gone: the end of the input says so as well
        channel.write(json.dumps({"event": event, **values}) + "\n")


if __name__ == "__main__":
    sys.exit(main())
