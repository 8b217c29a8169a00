"""What a check of the pages has found, told to the build: one JSON object a line.

=========  =================================================================
key        meaning
=========  =================================================================
kind       "first page", "page", "template", "static", "upload", "migrate",
           "account"; or "asking", before a page is asked for, and "end"
subject    the page's address, or the name of a template or static file
outcome    "passed"; "failed": the application cannot be used so; "warning":
           something of the project is wrong; "skipped": it was not tried
reason     one line, empty if it passed
file line  where: the file relative to the bundle, if it is in it
traceback  as Python prints it
=========  =================================================================
"""

from __future__ import annotations

import json
import linecache
import os
import traceback
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from djdesk_runtime.reports.masking import mask
from djdesk_runtime.reports.source_lines import in_bundle, place_in

if TYPE_CHECKING:
    from pathlib import Path

PASSED, FAILED, WARNING, SKIPPED = "passed", "failed", "warning", "skipped"

TRACEBACK_CHARACTERS = 20_000
REASON_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. *file* is relative to the bundle, with slashes, if it is in it."""

    kind: str
    subject: str
    outcome: str = PASSED
    reason: str = ""
    file: str = ""
    line: int = 0
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """Writes findings to *descriptor*; None when nobody reads them."""

    descriptor: int | None

    def add(self, finding: Finding) -> None:
        """Write a line, in one piece and at once: the next page may end this process."""
        if self.descriptor is None:
            return
        document = {key: value for key, value in asdict(finding).items() if value}
        text = json.dumps(document).encode("ascii") + b"\n"
        while text:
            text = text[os.write(self.descriptor, text) :]


def of_exception(finding: Finding, error: BaseException, root: Path) -> Finding:
    """Return *finding* with what *error* says, and where in the bundle *root* it arose."""
    file, line = place_of(error, root)
    lines = traceback.format_exception_only(error)
    return replace(
        finding,
        reason=mask("".join(lines).strip())[:REASON_CHARACTERS],
        file=file,
        line=line,
        traceback=mask("".join(traceback.format_exception(error)))[-TRACEBACK_CHARACTERS:],
    )


def place_of(error: BaseException, root: Path) -> tuple[str, int]:
    """Return the file and line of *error*: of a template, of the project, else of a dependency."""
    template = getattr(error, "template_debug", None)
    if isinstance(template, dict) and template.get("name"):
        return in_bundle(str(template["name"]), root), int(template.get("line") or 0)
    if isinstance(error, SyntaxError) and error.filename:
        return in_bundle(error.filename, root), error.lineno or 0
    return place_in(traceback.extract_tb(error.__traceback__), root)


def stack_of(thread: int | None, frames: dict[int, object]) -> list[traceback.FrameSummary]:
    """Return where the thread with the identifier *thread* is, of the *frames* of all."""
    frame = frames.get(thread or 0)
    linecache.checkcache()
    return list(traceback.extract_stack(frame)) if frame is not None else []  # type: ignore[arg-type]
