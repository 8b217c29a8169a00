"""Which other processes have a database open, where the system says so to everybody."""

from __future__ import annotations

import os
from pathlib import Path

PROCESSES = Path("/proc")
NAMED = 3


def processes_using(database: Path) -> list[str]:
    """Return the processes that have *database* open, for people: "process 12 (python3)".

    Linux tells, of the user's own processes. Empty elsewhere and where there are none. Opens
    nothing of the database.
    """
    wanted = os.path.realpath(database)
    found = [
        f"process {folder.name} ({name_of(folder)})"
        for folder in PROCESSES.glob("[1-9]*")
        if folder.name != str(os.getpid()) and has_open(folder, wanted)
    ]
    more = [f"{len(found) - NAMED} more"] if len(found) > NAMED else []
    return found[:NAMED] + more


def has_open(process: Path, wanted: str) -> bool:
    """Tell whether the process of the folder *process* in ``/proc`` has the file *wanted* open."""
    try:
        return any(target_of(entry) == wanted for entry in (process / "fd").iterdir())
    except OSError:
        return False


def target_of(entry: Path) -> str:
    """Return what the open file *entry* is; nothing if it has just been closed."""
    try:
        return str(entry.readlink())
    except OSError:
        return ""


def name_of(process: Path) -> str:
    """Return what the program of the process is called."""
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "a program"
