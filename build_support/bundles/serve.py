"""The session `serve`: the bundle on this machine, in the browser."""

from __future__ import annotations

import json
import subprocess
import webbrowser
from pathlib import Path
from typing import IO, Any

from build_support.bundles.manifest import read_manifest
from build_support.bundles.runtime import LAUNCHER_FILE
from build_support.errors import BuildError, UsageError
from build_support.reporter import Reporter
from build_support.target import TARGETS, host_target
from build_support.trees.folders import BUNDLE_PYTHON

_STOP_SECONDS = 15.0


def launch_command(bundle: Path) -> list[str]:
    """Return the words that start a bundle's launcher with its own interpreter, alone.

    `-I` keeps the user's environment and site-packages out, `-B` keeps the bundle
    unwritten, `disable-remote-debug` closes PEP 768's door.
    """
    target = TARGETS[read_manifest(bundle).target]
    python = bundle / BUNDLE_PYTHON / target.layout.executable
    flags = ["-I", "-B", "-X", "utf8", "-X", "disable-remote-debug"]
    return [str(python), *flags, str(bundle / LAUNCHER_FILE)]


def serve_bundle(
    bundle: Path, *, data_dir: Path | None, port: int, browser: bool, reporter: Reporter
) -> None:
    """Serve a bundle until Ctrl-C or until the server ends.

    Raises VerificationError when there is no bundle, UsageError when it is for another
    system, and BuildError when the server does not start.
    """
    target = TARGETS[read_manifest(bundle).target]
    if target != host_target():
        raise UsageError(
            f"The bundle in {bundle} is for {target}, and this machine is {host_target()}.",
            hint="Make one for this machine: nox -s bundle",
        )
    command = [*launch_command(bundle), "serve", "--watch-stdin", "--port", str(port)]
    if data_dir is not None:
        command += ["--data-dir", str(data_dir)]
    # The server stops at the end of its standard input: also when this process is killed.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as server:
        try:
            if server.stdout is not None:
                _follow(server.stdout, browser=browser, reporter=reporter)
            code = server.wait()
        except KeyboardInterrupt:
            code = _stop(server)
    if code != 0:
        raise BuildError(f"The server ended with {code}.", why="What it said is above.")


def _follow(events: IO[str], *, browser: bool, reporter: Reporter) -> None:
    for line in events:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == "progress":
            reporter.note(event["message"])
        elif event["event"] == "ready":
            reporter.success(f"Serving on {event['url']}  (Ctrl-C stops)")
            if browser:
                webbrowser.open(event["url"])


def _stop(server: subprocess.Popen[str]) -> int:
    """Ctrl-C reaches the server as well; wait for it to finish its requests."""
    try:
        return server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        return server.wait()
