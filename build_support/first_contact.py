"""The session `first-contact`: build, verify, package and start the example, and note what is seen.

It is for machines and downloads that nobody has at hand. A step that fails does not end it: what
the others say is wanted all the more. The document has the form of SCHEMA, so that a later change
can commit it as a fixture.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tarfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from build_support import ROOT
from build_support.bundles.manifest import LISTING_FILE, read_manifest
from build_support.cache import open_cache
from build_support.errors import BuildError, VerificationError
from build_support.packages.smoke import REPORTS
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import Target, host_target
from build_support.trees.listing import parse_listing

FOLDER = ROOT / "build" / "first-contact"
SCHEMA = ROOT / "build_support" / "data" / "first-contact.schema.json"

_LAST_LINES = 60
_KINDS = {tarfile.REGTYPE: "file", tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link"}


@dataclass(frozen=True, slots=True)
class Step:
    """One session that was run. `said` is the end of what a failed one said."""

    session: str
    options: tuple[str, ...]
    seconds: float
    code: int
    said: tuple[str, ...] = ()


def make_first_contact(folder: Path, *, rehearse: bool, reporter: Reporter) -> None:
    """Run all steps, and write what was seen into `folder`, as `<target>.json`.

    Raises VerificationError when a step failed, after all have been made.
    """
    target = host_target()
    folder.mkdir(parents=True, exist_ok=True)
    steps = [
        _run(session, options, reporter)
        for session, options in plan_steps(target, folder, rehearse=rehearse)
    ]
    document = {
        "schema": 1,
        "target": target.name,
        "machine": machine_facts(),
        "steps": [asdict(step) for step in steps],
        "interpreter": interpreter_facts(target, folder / "django-bundle"),
        "bundle": bundle_facts(folder / "django-bundle"),
        "packages": package_facts(folder / "dist"),
        "starts": _read_reports(REPORTS, {path.name for path in _packages(folder / "dist")}),
    }
    file = folder / f"{target.name}.json"
    file.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    reporter.success(f"What was seen: {file}")
    if failed := [step for step in steps if step.code != 0]:
        raise VerificationError(
            f"{len(failed)} of {len(steps)} steps failed: "
            + ", ".join(step.session for step in failed),
            hint="What each said is above, and its end is in the file.",
        )


def plan_steps(
    target: Target, folder: Path, *, rehearse: bool
) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Return the sessions and their options, in order."""
    bundle, packages = str(folder / "django-bundle"), str(folder / "dist")
    packaging = ("--bundle", bundle, "--output", packages, "--formats", "dir")
    unsigned = ("--rehearse",) if rehearse else ("--unsigned",)
    return (
        ("fetch-interpreter", ()),
        ("bundle", ("--output", bundle)),
        ("verify", ("--bundle", bundle)),
        (f"package-{target.system}", (*packaging, *unsigned)),
        ("smoke", ("--output", packages, "--formats", "dir")),
    )


def machine_facts() -> Mapping[str, Any]:
    """Return what this machine is, without its name or anybody's."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "version": platform.version(),
        "processor": platform.machine(),
        "processors": os.cpu_count() or 0,
        "python": platform.python_version(),
        "image": os.environ.get("ImageOS", ""),  # noqa: SIM112 - GitHub's spelling
        "image_version": os.environ.get("ImageVersion", ""),  # noqa: SIM112
    }


def interpreter_facts(target: Target, bundle: Path) -> Mapping[str, Any]:
    """Return what the pinned archive holds, and what of it the bundle does not.

    No members where the archive is not in the cache, as with a distribution's interpreter.
    """
    pin = load_pins().pin_for(target)
    archive = open_cache().archive(pin.sha256, pin.file)
    members = archive_members(archive) if archive.is_file() else []
    kept = {entry.path for entry in _listing(bundle)}
    files = [member["path"] for member in members if member["kind"] == "file"]
    return {
        "file": pin.file,
        "sha256": pin.sha256,
        "bytes": archive.stat().st_size if archive.is_file() else 0,
        "members": members,
        "pruned": [path for path in files if kept and path not in kept],
    }


def archive_members(archive: Path) -> list[dict[str, Any]]:
    """Return each member of a .tar.gz: path, kind, mode and size, in the order of paths."""
    with tarfile.open(archive, "r:gz") as stream:
        members = [
            {
                "path": member.name,
                "kind": _KINDS.get(member.type, "other"),
                "mode": f"{member.mode:04o}",
                "size": member.size,
                "target": member.linkname,
            }
            for member in stream
        ]
    return sorted(members, key=lambda member: str(member["path"]))


def bundle_facts(bundle: Path) -> Mapping[str, Any] | None:
    """Return what a bundle is made of, and how much each part holds; None where there is none."""
    try:
        manifest = read_manifest(bundle)
    except (BuildError, OSError):
        return None
    parts: dict[str, dict[str, int]] = {}
    for entry in _listing(bundle):
        part = parts.setdefault(entry.path.partition("/")[0], {"files": 0, "bytes": 0})
        part["files"] += 1
        part["bytes"] += entry.size
    return {"python": asdict(manifest.python), "digest": manifest.files.digest, "parts": parts}


def package_facts(folder: Path) -> list[Mapping[str, Any]]:
    """Return each package in a folder: its name, files and bytes."""
    facts: list[Mapping[str, Any]] = []
    for path in _packages(folder):
        files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
        size = sum(each.lstat().st_size for each in files)
        facts.append({"name": path.name, "files": len(files), "bytes": size})
    return facts


def _packages(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _listing(bundle: Path) -> list[Any]:
    file = bundle / LISTING_FILE
    return list(parse_listing(file.read_text(encoding="utf-8"))) if file.is_file() else []


def _read_reports(folder: Path, packages: set[str]) -> list[Mapping[str, Any]]:
    """Return what packages said of their start; of others, an earlier run may have left some."""
    files = [path for path in sorted(folder.glob("*.json")) if path.stem in packages]
    return [
        {"package": path.stem, "report": json.loads(path.read_text(encoding="utf-8"))}
        for path in files
    ]


def _run(session: str, options: tuple[str, ...], reporter: Reporter) -> Step:
    """Run a session as its user does, showing what it says."""
    command = [sys.executable, "-m", "nox", "--script-mode", "none", "-s", session]
    command += ["--", *options] if options else []
    reporter.line(f"nox -s {session} {' '.join(options)}".rstrip())
    last: deque[str] = deque(maxlen=_LAST_LINES)
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            last.append(line.rstrip("\n"))
            reporter.line(f"  {line.rstrip()}")
    seconds = round(time.monotonic() - started, 1)
    said = tuple(last) if process.returncode != 0 else ()
    return Step(session, options, seconds, process.returncode, said)
