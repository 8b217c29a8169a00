"""The bundle that is being used by checks: its commands and its server, and how they fail."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from build_support.bundles.manifest import Manifest
from build_support.bundles.protocol import (
    TOKEN_HEADER,
    new_token,
    send_start,
    wait_until_ready,
)
from build_support.bundles.serve import launch_command
from build_support.errors import BuildError
from build_support.processes import describe_exit
from build_support.tracebacks import explain_output, find_report
from build_support.verification.isolation import Isolation

#: A new database can need hundreds of migrations.
_COMMAND_SECONDS = 900.0
_STOP_SECONDS = 60.0
_PAGE_SECONDS = 60.0


class CheckError(Exception):
    """A check that found the bundle at fault; its text is the reason."""


class CommandError(CheckError):
    """A command of the launcher failed, with the exit code `code`; `output` is what it said."""

    def __init__(self, code: int, output: str, why: str) -> None:
        super().__init__(f"{describe_exit(code)}: {why}")
        self.code = code
        self.output = output


@dataclass(frozen=True, slots=True)
class Bundle:
    """The bundle being used, and how. Everything that it writes goes below `data`."""

    path: Path
    data: Path
    manifest: Manifest
    isolation: Isolation

    @property
    def log_file(self) -> Path:
        """The application's own log."""
        return self.data / "logs" / "app.log"

    def own(self, file: str) -> str | None:
        """Return a file of the project as it is named in the bundle; None for any other."""
        path = Path(file) if Path(file).is_absolute() else self.path / file
        for root in dict.fromkeys((self.path, self.path.resolve())):
            if path.is_relative_to(root / "app"):
                return path.relative_to(root).as_posix()
        return None

    def explain(self, text: str) -> str:
        """Return what an output or a log says about a failure, on a few lines."""
        return explain_output(text, self.own)

    def run(self, *argv: str) -> str:
        """Run a command of the launcher and return its output. Raises CommandError."""
        finished = subprocess.run(
            [*launch_command(self.path), *argv],
            cwd="/",
            env=dict(self.isolation.environment),
            user=self.isolation.user,
            group=self.isolation.user,
            extra_groups=[] if self.isolation.user is not None else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_COMMAND_SECONDS,
            check=False,
        )
        if finished.returncode != 0:
            said = finished.stderr.strip() or finished.stdout
            raise CommandError(finished.returncode, said, self.explain(said))
        return finished.stdout

    def log_end(self) -> str:
        """Return the last exception in the application's log, as a part of a sentence."""
        try:
            text = self.log_file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return f"\n{self.explain(text)}" if find_report(text) is not None else ""


@dataclass(frozen=True, slots=True)
class Site:
    """A server that answers, and a client that it lets in."""

    url: str
    client: httpx.Client
    stop: Callable[[], int]

    @property
    def origin(self) -> str:
        """Its address without a path."""
        return self.url.rstrip("/")


@contextmanager
def serve(used: Bundle) -> Iterator[Site]:
    """Serve the bundle as the shell does. Raises CheckError when it does not start."""
    user, token = used.isolation.user, new_token()
    with tempfile.TemporaryFile() as errors:
        server = subprocess.Popen(
            [*launch_command(used.path), "serve", "--shell", "--data-dir", str(used.data)],
            cwd="/",
            env=dict(used.isolation.environment),
            user=user,
            group=user,
            extra_groups=[] if user is not None else None,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )

        def stop() -> int:
            # The end of its standard input is how the shell stops it, on every system.
            if server.stdin is not None:
                server.stdin.close()
            return server.wait(_STOP_SECONDS)

        try:
            send_start(server.stdin, token=token)
            try:
                url = str(wait_until_ready(server.stdout)["url"])
            except BuildError as error:
                errors.seek(0)
                said = errors.read().decode(errors="replace")
                why = used.log_end() or f"\n{used.explain(said)}"
                raise CheckError(f"{error.why or error.what}{why.rstrip()}") from None
            headers = {TOKEN_HEADER: token}
            with httpx.Client(headers=headers, trust_env=False, timeout=_PAGE_SECONDS) as client:
                yield Site(url, client, stop)
        finally:
            server.kill()
            server.wait()
