"""The programs of a Windows bundle: its commands, and its server as the shell starts it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import IO, Any

from build_support.bundles.protocol import new_token
from tests.windows.wine import Wine, windows_path

#: As `build_support.bundles.serve.launch_command` gives them; that a test compares.
FLAGS = ("-I", "-B", "-X", "utf8", "-X", "disable-remote-debug")
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Installation:
    """A bundle on a Windows, and the data that it is used with."""

    wine: Wine
    bundle: Path
    data: Path

    def start(self, *words: str | PureWindowsPath) -> subprocess.Popen[bytes]:
        """Start a command."""
        python = windows_path(self.bundle / "python" / "python.exe")
        launcher = windows_path(self.bundle / "run_django.py")
        return self.wine.start([python, *FLAGS, launcher, *words], self.bundle.parent)

    def run(self, *words: str | PureWindowsPath) -> str:
        """Run a command to its end; return what it printed. RuntimeError where it failed."""
        with self.start(*words) as program:
            output, errors = program.communicate(timeout=SECONDS)
        if program.returncode != 0:
            raise RuntimeError(f"{words} ended with {program.returncode}: {errors.decode()}")
        return output.decode()

    def use_data(self, *words: str) -> str:
        """Run a command on the data."""
        return self.run(*words, "--data-dir", windows_path(self.data))


@dataclass(slots=True)
class Server:
    """A server that has been started; `events` is what has been read of what it says."""

    process: subprocess.Popen[bytes]
    token: str
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of its first page."""
        return str(self.events[-1]["url"])

    def tell(self, facts: dict[str, Any]) -> None:
        """Say a line on its standard input."""
        stream = _stream(self.process.stdin)
        stream.write(json.dumps(facts).encode() + b"\n")
        stream.flush()

    def read_events(self) -> str:
        """Read events until the start has ended; return how it did."""
        for line in _stream(self.process.stdout):
            self.events.append(json.loads(line))
            if self.events[-1]["event"] in {"ready", "failed"}:
                return str(self.events[-1]["event"])
        raise RuntimeError(f"The server ended before it was ready: {self.events}")

    def wait_until_ready(self) -> None:
        """Read events until it is ready."""
        if self.read_events() != "ready":
            raise RuntimeError(f"The server did not start: {self.events}")

    def wait_until_it_prints(self, text: bytes) -> None:
        """Read what it prints until a line has a text."""
        if not any(text in line for line in _stream(self.process.stderr)):
            raise RuntimeError(f"The server ended and did not print {text!r}: {self.events}")

    def leave(self) -> float:
        """Be gone, as a shell that was killed; return how many seconds the server outlives it."""
        _stream(self.process.stdin).close()
        left = time.monotonic()
        self.process.wait(SECONDS)
        return time.monotonic() - left

    def rest(self) -> dict[str, Any]:
        """Return its exit code and what else it has written."""
        code = self.process.wait(SECONDS)
        printed = _stream(self.process.stderr).read().decode()
        later = _stream(self.process.stdout).read().decode()
        return {"events": self.events, "exit code": code, "later": later, "stderr": printed}


@contextmanager
def starting(place: Installation, **facts: str) -> Iterator[Server]:
    """Start a server as the shell does, telling it where the data is and some more facts.

    It outlives neither the block nor the time that a test may take.
    """
    with place.start("serve", "--shell") as process:
        watchdog = threading.Timer(SECONDS, process.kill)
        watchdog.start()
        try:
            server = Server(process, facts.get("token", ""))
            server.tell({"data_dir": str(windows_path(place.data)), **facts})
            yield server
        finally:
            watchdog.cancel()
            process.kill()
            if process.stdin is not None:
                process.stdin.close()


def start_and_end(place: Installation) -> dict[str, Any]:
    """Start a server and leave it as soon as it is ready, if it ever is; return what it said."""
    with starting(place, token=new_token()) as server:
        server.read_events()
        server.leave()
        return server.rest()


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError(stream)
    return stream
