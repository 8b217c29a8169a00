"""Run nox sessions as a user types them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Finished:
    """How a session ended: its exit code and all that it wrote."""

    code: int
    output: str


def session_command(session: str, *words: object) -> list[str]:
    """Return the words that run a session in this environment, without making another one."""
    command = [sys.executable, "-m", "nox", "--noxfile", str(ROOT / "noxfile.py")]
    return [*command, "--script-mode", "none", "-s", session, "--", *map(str, words)]


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without pytest's traces, and with some variables."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "DJDESK_", "DJANGO_", "COV_"))
    }
    return {**inherited, "NO_COLOR": "1", **variables}


def run_session(session: str, *words: object, **variables: str) -> Finished:
    """Run a session to its end."""
    finished = subprocess.run(
        session_command(session, *words),
        cwd=ROOT,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=600,
        check=False,
    )
    return Finished(finished.returncode, finished.stdout)
