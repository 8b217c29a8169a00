"""Use a bundle as an end user would, and print what was found as JSON lines.

Run as `python -m build_support.verification.live BUNDLE DATA` in a process of its own, because
it first gives up the network (on Linux, where it may) and runs the bundle as another
user (where it may). The bundle gets an empty environment.

A check fails where the bundle is at fault. What the project decides is a warning.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from build_support.bundles.manifest import read_manifest
from build_support.bundles.pages import check_pages, explain
from build_support.errors import BuildError
from build_support.paths import is_inside
from build_support.tracebacks import last_lines
from build_support.verification import serving
from build_support.verification.imports import IMPORT_SCRIPT, judge_imports
from build_support.verification.isolation import isolate
from build_support.verification.serving import Seen
from build_support.verification.used import Bundle, CheckError, CommandError, Site, serve

#: Begins every line that is a result: whatever else is printed is not one.
RESULT = "djdesk-check "

#: Exit code of `check` for errors and warnings of Django's system checks.
_CHECK_FAILED = 1
_CHECK_TITLE = "System check identified some issues:"
_CHECK_LINES = 40
_REPEATED = 100_000


def main(bundle: Path, data: Path) -> None:
    """Make every check in order; a failing one does not keep the others from being made."""
    isolation = isolate(bundle)
    used = Bundle(bundle, data / "user", read_manifest(bundle), isolation)
    _report("cut off", Seen(isolation.detail))
    _attempt("interpreter", lambda: _check_interpreter(used))
    _attempt("imports", lambda: _check_imports(used))
    _attempt("check --deploy", lambda: _check_settings(used))
    _attempt("pages", lambda: _check_pages(used, data))
    _check_serving(used)


def _report(title: str, seen: Seen, problem: str = "") -> None:
    document = {
        "title": title, "problem": problem, "detail": seen.detail, "warning": seen.warning
    }  # fmt: skip
    sys.stdout.write(f"\n{RESULT}{json.dumps(document)}\n")
    sys.stdout.flush()


def _attempt(title: str, check: Callable[[], Seen]) -> bool:
    """Make a check and report it; return whether it passed."""
    try:
        _report(title, check())
    except CheckError as failure:
        _report(title, Seen(), str(failure))
    except subprocess.TimeoutExpired as late:
        _report(title, Seen(), f"gave no result in {late.timeout:.0f} s")
    except (BuildError, httpx.HTTPError, OSError, ValueError, KeyError) as error:
        _report(title, Seen(), f"{type(error).__name__}: {error}")
    else:
        return True
    return False


def _check_interpreter(used: Bundle) -> Seen:
    python = json.loads(used.run("info"))["python"]
    if python["version"] != used.manifest.python.version:
        raise CheckError(
            f"is {python['version']}, and the manifest says {used.manifest.python.version}"
        )
    for name in ("prefix", "executable"):
        if not is_inside(Path(python[name]), used.path):
            raise CheckError(f"sys.{name} is {python[name]}, outside the bundle")
    return Seen(f"CPython {python['version']}, all of it inside the bundle")


def _check_imports(used: Bundle) -> Seen:
    code = IMPORT_SCRIPT.replace("PACKAGES", repr(str(used.path / "packages")))
    words = ("manage", "--data-dir", str(used.data), "shell", "--verbosity", "0")
    found = judge_imports(used.run(*words, "--command", code))
    if found.problems or not found.names:
        raise CheckError("\n".join(found.problems) or "there is no package that could be imported")
    return Seen(
        ", ".join(found.names),
        f"not importable: {'; '.join(found.notes)}" if found.notes else "",
    )


def _check_settings(used: Bundle) -> Seen:
    """Show what Django's system checks say: it is about the project, also what they call errors."""
    try:
        used.run("check", "--data-dir", str(used.data))
    except CommandError as error:
        if error.code != _CHECK_FAILED:
            raise
        # Before it comes whatever the project prints.
        _, title, issues = error.output.rpartition(_CHECK_TITLE)
        return Seen(warning=last_lines(title + issues, _CHECK_LINES))
    return Seen("clean")


def _check_pages(used: Bundle, data: Path) -> Seen:
    scratch = data / "passing"
    scratch.mkdir()
    scratch.chmod(0o777)  # the other user's
    pages = check_pages(
        used.path,
        scratch=scratch,
        environment=used.isolation.environment,
        user=used.isolation.user,
    )
    if pages.broken is not None:
        broken = pages.broken
        raise CheckError(f"{broken.kind} {broken.subject}: {explain(broken, used.own)}")
    warnings = pages.warnings()
    if warnings and (log := pages.write_log("Check the pages")):
        warnings.append(f"tracebacks: {log}")
    notes = "".join(f"; not tried: {note}" for note in pages.notes())
    return Seen(pages.summary + notes, "\n".join(warnings))


def _check_serving(used: Bundle) -> None:
    """Serve twice, because what was written must be there after a restart."""
    value = secrets.token_hex(16)
    if _served(used, lambda site: _use(used, site, value)):
        _served(used, lambda site: _use_again(used, site, value))


def _served(used: Bundle, use: Callable[[Site], None]) -> bool:
    """Let something be done with a server; return whether there was one."""
    try:
        with serve(used) as site:
            use(site)
    except (CheckError, BuildError, httpx.HTTPError, OSError, ValueError, KeyError) as failure:
        _report("serve", Seen(), str(failure))
        return False
    return True


def _use(used: Bundle, site: Site, value: str) -> None:
    left: dict[str, Any] = {}

    def leave() -> Seen:
        left.update(json.loads(used.run("check-data", "--data-dir", str(used.data), value)))
        return Seen(f"databases: {', '.join(left['databases']) or 'the project has none'}")

    _attempt("strangers are refused", lambda: serving.check_refusal(site))
    _attempt("other origins are refused", lambda: serving.check_other_origin(site))
    _attempt("the first page", lambda: serving.check_first_page(used, site))
    if _attempt("data is written", leave):
        expected = f"{value}\n".encode() * _REPEATED
        prefix = str(left["static_url"])
        _attempt("a static file", lambda: serving.check_static(used, site, prefix))
        _attempt("a stored file", lambda: serving.check_stored(used, site, left, expected))
    _attempt("an upload", lambda: serving.try_upload(used, site))
    _attempt("clean stop", lambda: serving.check_stop(site))


def _use_again(used: Bundle, site: Site, value: str) -> None:
    def find() -> Seen:
        used.run("check-data", "--data-dir", str(used.data), "--find", value)
        return Seen("the same after a restart")

    _attempt("data is kept", find)
    _attempt("clean stop again", lambda: serving.check_stop(site))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
