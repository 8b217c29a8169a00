"""The bundle's server without a shell, and a real Chromium in front of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Playwright

from build_support.bundles.serve import launch_command
from tests import unix

_STOP_SECONDS = 15.0
#: Nothing that looks for a network, and no sandbox where the kernel refuses it to root.
_QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its root, the link that lets a browser in once, its data and home."""

    url: str
    link: str
    data: Path
    home: Path


@contextmanager
def serve(bundle: Path, folder: Path) -> Iterator[Served]:
    """Serve a bundle as `nox -s run -- --browser` does, and stop it by SIGTERM afterwards."""
    home, data = folder / "home", folder / "data"
    home.mkdir(parents=True)
    with (
        (folder / "stderr.txt").open("wb") as errors,
        subprocess.Popen(
            [*launch_command(bundle), "serve", "--data-dir", str(data)],
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        ) as server,
    ):
        try:
            ready = _ready(server)
            yield Served(ready["url"], ready["link"], data, home)
            server.send_signal(signal.SIGTERM)
            assert server.wait(_STOP_SECONDS) == 0
        finally:
            server.kill()


def _ready(server: subprocess.Popen[str]) -> dict[str, Any]:
    assert server.stdout is not None
    for line in server.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == "ready":
            return event
        assert event["event"] == "progress", event
    raise AssertionError("the server ended before it was ready")


def find_chromium() -> str | None:
    """Return the Chromium of the variable or of the system; None for Playwright's own."""
    found = (shutil.which(name) for name in ("chromium", "google-chrome"))
    return os.environ.get("CHROMIUM") or next((program for program in found if program), None)


@contextmanager
def chromium(
    playwright: Playwright, profile: Path, words: Sequence[str] = ()
) -> Iterator[BrowserContext]:
    """Yield a Chromium with a profile of its own."""
    sandbox = () if unix.geteuid() else ("--no-sandbox",)
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=find_chromium(),
        headless=True,
        args=[*_QUIET, *sandbox, *words],
        accept_downloads=True,
    )
    try:
        yield context
    finally:
        context.close()
