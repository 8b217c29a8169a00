"""What a crash leaves behind: tracebacks in the log, and stacks of fatal ones in ``crash.log``."""

from __future__ import annotations

import faulthandler
import logging
import os
import re
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from djdesk_runtime.data.durable import private
from djdesk_runtime.reports.logs import early_handler
from djdesk_runtime.reports.masking import mask

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from djdesk_runtime.data.folder import DataFolder

CRASH_FILE = "crash.log"

# How much of earlier crashes is kept. One takes some kilobytes for each thread.
KEPT_BYTES = 200_000

# The line that says which process the stacks below it are of.
START = "-- "
STARTS = re.compile(rf"^(?={START})", re.MULTILINE)

log = logging.getLogger(__name__)

# Open as long as the process lives: faulthandler writes to its descriptor and nothing else.
open_files: list[IO[bytes]] = []


def watch_crashes(data: DataFolder, title: str) -> None:
    """Let everything that goes wrong in this process be found in the logs of *data*.

    *title* names the application. Until Django configures logging, records go to our log file.
    """
    logging.getLogger().addHandler(early_handler(data))
    logging.getLogger("djdesk_runtime").setLevel(logging.INFO)
    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
    sys.unraisablehook = unraisable
    try:
        catch_fatal_errors(data.logs / CRASH_FILE, title)
    except (OSError, ValueError):
        log.warning("stacks of fatal errors cannot be kept", exc_info=True)


def catch_fatal_errors(file: Path, title: str) -> None:
    """Write the stacks of all threads to *file* if this process dies of a fatal signal."""
    earlier = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    start = f"{START}{moment} {title}, process {os.getpid()}\n"
    with open(file, "wb", opener=private) as whole:
        whole.write((crashes_only(earlier) + start).encode("utf-8"))
    stream = file.open("ab", buffering=0)
    faulthandler.enable(stream, all_threads=True)
    open_files[:] = [stream]


def crashes_only(text: str) -> str:
    """Return the last of what crashed processes left in *text*. Others left one line."""
    crashes = [part for part in STARTS.split(text) if "\n" in part.strip()]
    while crashes and len("".join(crashes).encode()) > KEPT_BYTES:
        del crashes[0]
    return "".join(crashes)


def uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Log what ends the main thread."""
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("uncaught exception", exc_info=(kind, error, traceback))


def uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    """Log what ends another thread."""
    if arguments.exc_type is SystemExit or arguments.exc_value is None:
        return
    name = arguments.thread.name if arguments.thread else "unknown"
    details = (arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
    log.critical("uncaught exception in the thread %s", name, exc_info=details)


def unraisable(arguments: sys.UnraisableHookArgs) -> None:
    """Log what could not be raised, for instance in a destructor, even while all is torn down."""
    if arguments.exc_value is None:
        return
    details = (arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
    with suppress(Exception):
        place = mask(repr(arguments.object))
        log.error("%s: %s", arguments.err_msg or "exception ignored in", place, exc_info=details)
