"""Whether a bundle is what its manifest says, and works as an end user has it.

Two parts: the files, for every target (`files`), and using it, where it can run (`live`, in
a child process of its own, cut off from the network).
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT
from build_support.bundles.manifest import Manifest, read_manifest
from build_support.bundles.summary import announce, show_parts
from build_support.errors import VerificationError
from build_support.processes import decode_output
from build_support.reporter import Reporter
from build_support.target import TARGETS, host_target
from build_support.tracebacks import explain_output
from build_support.trees.folders import copy_tree, remove_tree
from build_support.verification.files import check_files
from build_support.verification.live import RESULT

#: A path as end users have them: a space, letters outside ASCII, a sign outside the BMP.
_AWKWARD = Path("Über uns", "DJ Desk ✓ 🦄")
#: A project can have hundreds of migrations and pages; what is slow is named by its own limit.
_LIVE_SECONDS = 3600.0
#: Checks whose failure, most of the time, is the project's.
_PROJECTS_PART = frozenset({"check --deploy", "pages", "serve", "the first page"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `problem` is empty when the bundle is right.

    `warning` is about the project, and fails nothing.
    """

    title: str
    problem: str = ""
    detail: str = ""
    warning: str = ""


def verify_bundle(bundle: Path, reporter: Reporter) -> None:
    """Check a bundle, say each result, and end with a table of its parts.

    Raises VerificationError, listing every problem, when there is one.
    """
    manifest = read_manifest(bundle)
    target = TARGETS[manifest.target]
    announce(manifest, bundle, reporter)
    checks = [Check(title, problem) for title, problem in check_files(bundle, manifest)]
    _show(checks, reporter)
    if target == host_target():
        with reporter.step("Use a copy: elsewhere, read-only, alone"):
            live = _check_live(bundle)
        _show(live, reporter)
        checks += live
    else:
        reporter.note(f"The bundle is for {target}: its files were checked, and it was not run.")
    reporter.line()
    show_parts(bundle, reporter)
    reporter.line()
    _conclude(checks, manifest, bundle, reporter)


def _conclude(
    checks: Sequence[Check], manifest: Manifest, bundle: Path, reporter: Reporter
) -> None:
    name = f"{manifest.app.name} {manifest.app.version}"
    problems = [check for check in checks if check.problem]
    if problems:
        raise VerificationError(
            f"{name} in {bundle} fails {len(problems)} of {len(checks)} checks.",
            why="\n".join(f"{check.title}: {check.problem}" for check in problems),
            hint=_hint(problems),
        )
    warned = sum(bool(check.warning) for check in checks)
    said = f" {warned} of them with a warning about the project." if warned else ""
    reporter.success(f"All {len(checks)} checks passed: {name}, {bundle}.{said}")


def _hint(problems: Sequence[Check]) -> str:
    """Return what helps: files can be made again, a project has to be corrected."""
    titles = {check.title for check in problems}
    if titles <= _PROJECTS_PART:
        return "Correct that in the project, and build again: nox -s bundle"
    if titles & _PROJECTS_PART:
        return "Begin with the first of these: the others may follow from it."
    return "Make it again, everything: nox -s bundle -- --force"


def _show(checks: Sequence[Check], reporter: Reporter) -> None:
    for check in checks:
        reporter.result(check.title, check.problem, check.detail, check.warning)


def _check_live(bundle: Path) -> list[Check]:
    with _copy(bundle) as (copy, data):
        command = [sys.executable, "-m", "build_support.verification.live", str(copy), str(data)]
        try:
            finished = subprocess.run(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_LIVE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            checks = read_results(decode_output(late.stdout))
            return [*checks, Check("use", f"gave no further result in {_LIVE_SECONDS:.0f} s")]
        checks = read_results(finished.stdout)
        if finished.returncode != 0 or not checks:
            checks.append(Check("use", explain_output(finished.stderr) or "gave no result"))
        changed = [problem for _, problem in check_files(copy, read_manifest(copy)) if problem]
        checks.append(Check("not one byte in the bundle changed", "\n".join(changed)))
    return checks


def read_results(output: str) -> list[Check]:
    """Return the checks that `live` has printed, between whatever else was."""
    lines = [line for line in output.splitlines() if line.startswith(RESULT)]
    return [Check(**json.loads(line.removeprefix(RESULT))) for line in lines]


@contextmanager
def _copy(bundle: Path) -> Iterator[tuple[Path, Path]]:
    """Yield a read-only copy at an awkward path, and an empty folder for its data.

    The folders above are open to everybody, because another user is going to run it.
    """
    top = Path(tempfile.mkdtemp(prefix="djdesk-verify-"))
    try:
        top.chmod(0o755)
        copy = top / _AWKWARD / "django-bundle"
        copy_tree(bundle, copy)
        for folder in (top / _AWKWARD, *(top / _AWKWARD).parents):
            if folder.is_relative_to(top):
                folder.chmod(0o755)
        _make_read_only(copy)
        data = top / "Daten für Zoë"
        data.mkdir()
        data.chmod(0o777)  # the other user's
        yield copy, data
    finally:
        remove_tree(top)


def _make_read_only(folder: Path) -> None:
    for name, _, files in os.walk(folder, topdown=False):
        for file in files:
            path = Path(name, file)
            if not path.is_symlink():
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
        Path(name).chmod(0o555)
