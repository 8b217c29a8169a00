"""A real bundle's server, started as the shell or a user starts it, for tests of what it leaves."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from build_support.bundles.protocol import TOKEN_HEADER, send_start
from build_support.bundles.serve import launch_command
from tests.integration.conftest import Shared
from tests.integration.sessions import ROOT

#: A project that reports errors, and logs and raises every secret that it can get hold of.
REPORTING = ROOT / "tests" / "projects" / "reporting"

_SECONDS = 60


@dataclass(slots=True)
class Running:
    """A server that is ready. `events` is all that it wrote to its standard output by then."""

    process: subprocess.Popen[str]
    errors: Path
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ready(self) -> Mapping[str, Any]:
        """The event that says so."""
        return self.events[-1]

    @property
    def url(self) -> str:
        """The address of the first page."""
        return str(self.ready["url"])

    def end(self) -> int:
        """Stop it by the end of its standard input, if it still runs; return the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(_SECONDS)


def reporting_bundle(shared: Shared) -> Path:
    """Return the bundle of that project, which the first to ask for it makes."""

    def make(folder: Path) -> None:
        words = ("--project", REPORTING, "--output", folder / "django-bundle")
        finished = shared.run("bundle", *words)
        assert finished.code == 0, finished.output

    return shared.once("reporting", make) / "django-bundle"


@contextmanager
def running(
    bundle: Path,
    scratch: Path,
    *,
    token: str = "",
    environment: Mapping[str, str] | None = None,
    user: int | None = None,
) -> Iterator[Running]:
    """Serve a bundle with its data in `scratch`; without a token it is opened by its link.

    `user` is another one to run it as.
    """
    errors = scratch / "stderr"
    command = [*launch_command(bundle), "serve", "--shell", "--data-dir", str(scratch / "data")]
    with (
        errors.open("a") as standard_error,
        subprocess.Popen(
            command,
            cwd=scratch,
            env=dict(environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=standard_error,
            encoding="utf-8",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        ) as process,
    ):
        watchdog = threading.Timer(_SECONDS, process.kill)
        watchdog.start()
        try:
            server = Running(process, errors)
            send_start(process.stdin, **({"token": token} if token else {}))
            for line in process.stdout or ():
                server.events.append(json.loads(line))
                if server.ready["event"] in {"ready", "failed"}:
                    break
            if server.ready["event"] != "ready":
                process.wait(_SECONDS)
            assert server.ready["event"] == "ready", (server.events, errors.read_text())
            yield server
        finally:
            watchdog.cancel()
            process.kill()


def token_header(token: str) -> dict[str, str]:
    """Return the header that lets a request in."""
    return {TOKEN_HEADER: token}


def run_command(bundle: Path, *words: object, environment: Mapping[str, str]) -> str:
    """Run a command of a bundle to its end and return what it printed."""
    done = subprocess.run(
        [*launch_command(bundle), *map(str, words)],
        env=dict(environment),
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
