"""What a server tells the program that started it: one JSON object a line.

========  ==================================================================
event     further keys
========  ==================================================================
progress  ``message``: what is going on, for people; ``phase``: "updating"
          while databases are being changed or restored, else "starting";
          where it is known how far that is, ``detail`` says so for people
          and ``done`` of ``total`` in bytes or steps
ready     ``url``, ``port``, ``pid``: the server answers there; ``data_dir``,
          ``log``; ``proof`` that it was given token and nonce, if it was;
          ``link`` that lets a browser in, if it was given no token
failed    ``message``: what, why and what to do next; ``log``: the file with
          more; ``code``: the exit code
========  ==================================================================

They end when the server stops listening, before its last requests are answered.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.reports.masking import mask

if TYPE_CHECKING:
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.progress import Progress

STANDARD_OUTPUT = 1
STANDARD_ERROR = 2


@dataclass(frozen=True, slots=True)
class EventChannel:
    """Writes events to *descriptor*; None when nobody can be told."""

    descriptor: int | None
    latest: dict[str, object] = field(default_factory=dict, compare=False)

    def starting(self, message: str) -> None:
        """Tell what is going on."""
        self._progress({"message": message, "phase": "starting"})

    def updating(self, message: str) -> None:
        """Tell what is going on with the databases."""
        self._progress({"message": message, "phase": "updating"})

    def details(self, progress: Progress | None) -> None:
        """Tell how far what was told last is, or, with None, that it still goes on."""
        told = {"message": "Starting…", "phase": "starting"} | self.latest
        facts: dict[str, object] = {"message": told["message"], "phase": told["phase"]}
        if progress is not None:
            facts["detail"] = progress.detail
            if progress.total:
                facts |= {"done": progress.done, "total": progress.total}
        self._progress(facts)

    def _progress(self, facts: dict[str, object]) -> None:
        """Tell *facts* of what goes on, and remember them."""
        self.latest.clear()
        self.latest.update(facts)
        self._emit({"event": "progress", **facts})

    def ready(
        self, url: str, port: int, data: DataFolder, *, proof: str = "", link: str = ""
    ) -> None:
        """Tell that the server answers, where, and with what data."""
        event: dict[str, object] = {"event": "ready", "url": url, "port": port, "pid": os.getpid()}
        event |= {"data_dir": str(data.root), "log": str(data.log_file)}
        optional = {"proof": proof, "link": link}
        self._emit(event | {key: value for key, value in optional.items() if value})

    def failed(self, message: str, data: DataFolder | None, code: int) -> None:
        """Tell that the server will not start, and the exit code.

        *message* may be in the project's words: secrets are taken out of it.
        """
        log = str(data.log_file) if data and data.log_file.exists() else None
        self._emit({"event": "failed", "message": mask(message), "log": log, "code": code})

    def end(self) -> None:
        """Let the listener see the end: from now on somebody else may answer at the address.

        The descriptor stays, and leads nowhere, so that no other file can get its number.
        """
        if self.descriptor is None:
            return
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self.descriptor, inheritable=False)
        os.close(null)

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
