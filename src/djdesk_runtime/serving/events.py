"""What a server tells the program that started it: one JSON object a line.

========  ==================================================================
event     further keys
========  ==================================================================
progress  ``message``: what is going on, for people
ready     ``url``, ``port``, ``pid``: the server accepts connections there
failed    ``message``: what, why and what to do next; ``log``: the file with more
========  ==================================================================
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djdesk_runtime.data.folder import DataFolder

STANDARD_OUTPUT = 1
STANDARD_ERROR = 2


@dataclass(frozen=True, slots=True)
class EventChannel:
    """Writes events to *descriptor*; None when nobody can be told."""

    descriptor: int | None

    def progress(self, message: str) -> None:
        """Tell what is going on."""
        self._emit({"event": "progress", "message": message})

    def ready(self, url: str, port: int) -> None:
        """Tell that the server accepts connections."""
        self._emit({"event": "ready", "url": url, "port": port, "pid": os.getpid()})

    def failed(self, message: str, data: DataFolder | None) -> None:
        """Tell that the server will not start."""
        log = str(data.log_file) if data and data.log_file.exists() else None
        self._emit({"event": "failed", "message": message, "log": log})

    def _emit(self, event: dict[str, object]) -> None:
        """Write the line in one piece. A reader that is gone is not this writer's problem."""
        if self.descriptor is None:
            return
        try:
            os.write(self.descriptor, json.dumps(event).encode("ascii") + b"\n")
        except OSError:
            return


def claim_standard_output() -> EventChannel:
    """Keep standard output for events, and send everything else that is printed to stderr.

    To be called before the first line of the project's code is imported: what it prints, and
    what programs that it starts print, cannot come between the events.
    """
    try:
        private: int | None = os.dup(STANDARD_OUTPUT)
    except OSError:
        private = None
    if sys.stderr is None:  # A Windows program without a console has none of the three.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, STANDARD_ERROR)
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - lives as long as the process
    if sys.stdout is not None:
        sys.stdout.flush()
    os.dup2(STANDARD_ERROR, STANDARD_OUTPUT)
    sys.stdout = sys.stderr
    return EventChannel(private)
