"""Whole outputs of programs that failed, in files: what a message shows of them is the end."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from build_support import ROOT

LOGS = ROOT / "build" / "logs"

_KEPT = 30


def write_log(title: str, command: Sequence[str], parts: Sequence[tuple[str, str]]) -> Path | None:
    """Write a command and what it said, in named parts, to a new file that others cannot read.

    Older files make room. Returns None where nothing can be written: the message has to do then.
    """
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]
    moment = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    file = LOGS / f"{moment}-{stem}-{os.getpid()}-{time.monotonic_ns() % 1_000_000}.log"
    said = "\n".join(f"--- {name}\n{content}" for name, content in parts if content)
    try:
        LOGS.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(f"{title}\n{' '.join(command)}\n{said}\n")
    except OSError:
        return None
    for old in sorted(LOGS.glob("*.log"))[:-_KEPT]:
        with suppress(OSError):  # another session deletes it too
            old.unlink()
    return file
