"""Programs that a project starts on Windows, and which of them outlive its server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from build_support.bundles.protocol import new_token
from tests.integration.data_use import make_version
from tests.windows.programs import SECONDS, Installation, Server, starting

_SETTINGS = Path("app/src/djdesk/settings/base.py")

#: Two programs that write on and on, each to a file of its own, until they are told to end.
_STARTS = """
import os, subprocess, sys
_DATA = os.environ["DJDESK_RUNTIME_DATA"]
_BEATS = '''
import os, sys, time
while not os.path.exists(sys.argv[1] + ".end"):
    with open(sys.argv[1], "a") as file:
        file.write(".")
    time.sleep(0.05)
'''
for _name, _flags in {"bound": 0, "free": subprocess.CREATE_BREAKAWAY_FROM_JOB}.items():
    subprocess.Popen(
        [sys.executable, "-I", "-c", _BEATS, os.path.join(_DATA, _name)],
        creationflags=_flags,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
"""
_NAMES = ("bound", "free")

#: How long a program that was ended may seem to live, and one that lives may be silent.
_PAUSE_SECONDS = 3


def leave_programs(place: Installation, folder: Path) -> dict[str, Any]:
    """Let servers end in every way; return for each which of the two programs live on."""
    bundle = make_version(place.bundle, folder, "programs")
    with (bundle / _SETTINGS).open("a", encoding="utf-8") as settings:
        settings.write(_STARTS)
    ways: dict[str, Callable[[Server], object]] = {
        "killed": lambda server: server.process.kill(),
        "left": lambda server: server.leave(),
        "stopped": lambda server: server.tell({"command": "stop"}),
    }
    return {
        way: _ended(replace(place, bundle=bundle, data=folder / way), end)
        for way, end in ways.items()
    }


def _ended(place: Installation, end: Callable[[Server], object]) -> dict[str, Any]:
    files = [place.data / name for name in _NAMES]
    try:
        with starting(place, token=new_token()) as server:
            server.wait_until_ready()
            _wait_for(files)
            end(server)
            server.process.wait(SECONDS)
            log = (place.data / "logs" / "app.log").read_text(encoding="utf-8")
            return {"alive": _writing(files), "log": log}
    finally:
        for file in files:
            file.with_name(f"{file.name}.end").touch()


def _wait_for(files: list[Path]) -> None:
    deadline = time.monotonic() + SECONDS
    while not all(file.exists() for file in files):
        if time.monotonic() > deadline:
            raise RuntimeError("The project's programs did not start.")
        time.sleep(0.1)


def _writing(files: list[Path]) -> list[str]:
    time.sleep(_PAUSE_SECONDS)
    before = [file.stat().st_size for file in files]
    time.sleep(_PAUSE_SECONDS)
    return [
        file.name for file, size in zip(files, before, strict=True) if file.stat().st_size > size
    ]
