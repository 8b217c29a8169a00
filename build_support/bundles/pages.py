"""What a bundle's own check of its pages found (`check-pages` of the runtime), and what to say.

The first page and the databases of a new user must work. Everything else is the project's own,
and is told with its reason, file and line.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from build_support.bundles.serve import launch_command
from build_support.logs import write_log
from build_support.processes import describe_exit
from build_support.tracebacks import explain_output

#: A project may have hundreds of migrations, and all pages have a limit of their own.
_SECONDS = 1800.0
_SHOWN_PAGES = 3
_SHOWN_GROUPS = 12
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR")


@dataclass(frozen=True, slots=True)
class Finding:
    """One result; see `djdesk_runtime.checking.findings` for its keys."""

    kind: str
    subject: str = ""
    outcome: str = "passed"
    reason: str = ""
    file: str = ""
    line: int = 0
    traceback: str = ""

    @property
    def place(self) -> str:
        """Return " (file, line N)", empty if it is not known."""
        return f" ({self.file}, line {self.line})" if self.file else ""


@dataclass(frozen=True, slots=True)
class Pages:
    """All that was found. `broken` is empty if the application starts and shows a page."""

    findings: Sequence[Finding]
    errors: str = ""

    @property
    def broken(self) -> Finding | None:
        """What keeps the application from being used at all."""
        return next((each for each in self.findings if each.outcome == "failed"), None)

    @property
    def summary(self) -> str:
        """How many pages were asked for."""
        asked = {each.subject for each in self.findings if "page" in each.kind}
        count = len(asked)
        return "1 page was asked for" if count == 1 else f"{count} pages were asked for"

    def warnings(self) -> list[str]:
        """Return what is wrong with the project, each reason once with the pages it is of."""
        return _grouped(each for each in self.findings if each.outcome == "warning")

    def notes(self) -> list[str]:
        """Return what was not tried, and why."""
        return _grouped(each for each in self.findings if each.outcome == "skipped")

    def write_log(self, name: str) -> Path | None:
        """Write all tracebacks and all that was printed to a log file, if there is anything."""
        told = [each for each in self.findings if each.outcome != "passed"]
        parts = [
            (
                f"{each.kind} {each.subject}: {each.reason}{each.place}",
                each.traceback or each.reason,
            )
            for each in told
        ]
        return write_log(name, [], [*parts, ("standard error", self.errors)]) if told else None


def check_pages(
    bundle: Path,
    *,
    scratch: Path,
    environment: Mapping[str, str] | None = None,
    user: int | None = None,
) -> Pages:
    """Let a bundle check its own pages, with data that is thrown away.

    `scratch` is a folder for passing use; `environment` is its whole environment; `user` is
    the id of the user that it runs as, if not this one.
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    folders = dict.fromkeys(("HOME", "USERPROFILE", "TEMP", "TMP", "TMPDIR"), str(scratch))
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        # Files, because what a page has started may hold a pipe for ever.
        process = subprocess.Popen(
            [*launch_command(bundle), "check-pages", "--attended"],
            cwd=scratch,
            env={**(kept if environment is None else environment), **folders},
            user=user,
            group=user,
            extra_groups=[] if user is not None else None,
            # Its end tells the check that nobody waits for it any more.
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=errors,
        )
        try:
            code: int | None = process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            process.kill()
            process.communicate()
        return read_pages(_read(output), _read(errors), code)


def read_pages(output: str, errors: str, code: int | None) -> Pages:
    """Read what the check wrote, and how it ended: None if it did not in time."""
    lines = [_parse(line) for line in output.splitlines()]
    findings = [each for each in lines if each is not None]
    ended = any(each.kind == "end" for each in findings)
    told = [each for each in findings if each.kind not in {"asking", "end"}]
    if ended:
        return Pages(told, errors)
    how = "gave no result" if code is None else describe_exit(code)
    asked = findings[-1] if findings and findings[-1].kind == "asking" else None
    if asked is None and not told:
        last = Finding("start", "the application", "failed", f"the process {how}", traceback=errors)
    elif asked is None:
        last = Finding("page", "the check", "warning", f"the process {how}", traceback=errors)
    else:
        first = not any(each.kind in {"first page", "page"} for each in told)
        outcome = "failed" if first else "warning"
        kind = "first page" if first else "page"
        last = Finding(kind, asked.subject, outcome, f"the process {how}", traceback=errors)
    return Pages([*told, last], errors)


def explain(finding: Finding, own: Callable[[str], str | None]) -> str:
    """Return a failure's reason, place and causes on a few lines."""
    if not finding.traceback:
        return f"{finding.reason}{finding.place}"
    said = explain_output(finding.traceback, own)
    file = own(finding.file) or finding.file
    if finding.kind == "start" or not finding.file.startswith("app/") or file in said:
        return said
    # The line of a template is in no traceback.
    return f"{finding.reason.splitlines()[0]} ({file}, line {finding.line})\n{said}"


def _parse(line: str) -> Finding | None:
    try:
        return Finding(**json.loads(line))
    except (TypeError, ValueError):
        return None


def _read(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def _grouped(findings: Iterable[Finding]) -> list[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for each in findings:
        where = f"{each.kind} {each.subject}" if each.kind != "page" else each.subject
        reason = (each.reason.splitlines() or [""])[0]
        groups.setdefault((reason, each.place), []).append(where)
    lines = []
    for (reason, place), subjects in groups.items():
        shown = ", ".join(subjects[:_SHOWN_PAGES])
        more = f" and {len(subjects) - _SHOWN_PAGES} more" if len(subjects) > _SHOWN_PAGES else ""
        lines.append(f"{shown}{more}: {reason}{place}")
    if len(lines) > _SHOWN_GROUPS:
        lines = [*lines[:_SHOWN_GROUPS], f"and {len(lines) - _SHOWN_GROUPS} more"]
    return lines
