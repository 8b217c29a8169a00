"""Installed distributions made independent of the order in which they were installed.

Installers write several distributions at once. Of a file that two of them have, the content
is that of whichever came last; here it is decided by name.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from build_support.errors import ProjectError
from build_support.lists import listed
from build_support.target import Target
from build_support.trees import portable_names
from build_support.trees.records import (
    Row,
    differing_files,
    has_hash,
    is_inside,
    read_records,
    write_record,
)

#: Installs one distribution, named by its dist-info, alone into an empty folder.
InstallAlone = Callable[[str, Path], None]
_SHOWN = 20


def resolve_overlaps(packages: Path, scratch: Path, install_alone: InstallAlone) -> list[str]:
    """Decide by name which distribution a file belongs to that several have with other contents.

    It is the last one in the order of names, as if they had been installed in that order. The
    RECORD of the others does not name the file any more. `scratch` is a folder that does not
    exist yet; whoever calls removes it. Returns a line for each decision.
    """
    records = read_records(packages)
    owners: dict[str, list[tuple[str, Row]]] = {}
    for info, rows in records.items():
        for row in rows:
            if is_inside(row.path):
                owners.setdefault(row.path, []).append((info, row))
    disputed = {
        path: claims
        for path, claims in owners.items()
        if len(claims) > 1 and (len({row.hash for _, row in claims}) > 1 or not claims[0][1].hash)
    }
    for path, claims in disputed.items():
        winner, row = claims[-1]
        if not row.hash or not has_hash(packages / path, row.hash):
            alone = scratch / winner
            if not alone.exists():
                install_alone(winner, alone)
            (packages / path).unlink()  # it may be a link to the installer's cache
            shutil.copy2(alone / path, packages / path)
    losers = {info for claims in disputed.values() for info, _ in claims[:-1]}
    for info in losers:
        lost = {path for path, claims in disputed.items() if claims[-1][0] != info}
        write_record(packages, info, (row for row in records[info] if row.path not in lost))
    return [_decision(path, claims) for path, claims in sorted(disputed.items())]


def _decision(path: str, claims: Sequence[tuple[str, Row]]) -> str:
    *losers, winner = (_title(info) for info, _ in claims)
    return f"{path}: that of {winner}, not that of {', '.join(losers)}"


def overlap_warning(decisions: Sequence[str], target: Target) -> str:
    """Return what to tell of files that several distributions have with other contents."""
    return (
        f"Packages for {target} have files of the same name with other contents:\n"
        f"{listed(decisions, most=_SHOWN)}\n"
        "Those of the package that comes last by name were taken. If one of the packages is not "
        "needed, take it out of the lock."
    )


def check_installed(packages: Path, target: Target) -> None:
    """Check installed distributions against their RECORDs, and their names against the target.

    Raises ProjectError naming every file with another content than its RECORD says, and every
    name that the target's file system cannot hold beside the others.
    """
    records = read_records(packages)
    differing = [f"{_title(info)}: {path}" for info, path in differing_files(packages, records)]
    if differing:
        names = sorted({line.partition(" ")[0] for line in differing})
        raise ProjectError(
            "Installed packages do not have the content that their lists of files give.",
            why=listed(differing, most=_SHOWN),
            hint="Somebody may have changed files in uv's cache. Empty it for these packages and "
            f"build again: uv cache clean {' '.join(names)}\nIf that changes nothing, the wheels "
            "themselves are wrong: pin other versions in the project's lock.",
        )
    paths = {row.path: info for info, rows in records.items() for row in rows}
    if target.system != "linux" or sys.platform != "linux":
        _check_spellings(paths, target)
    if target.system == "windows" or os.name == "nt":
        _check_portable(paths, target)


def _check_spellings(paths: Mapping[str, str], target: Target) -> None:
    """Refuse names that are one and the same to file systems that ignore case."""
    spellings: dict[str, tuple[str, str]] = {}
    clashes: dict[str, None] = {}
    for path, info in sorted(paths.items()):
        parts = path.split("/")
        for length in range(1, len(parts) + 1):
            part = "/".join(parts[:length])
            known, owner = spellings.setdefault(portable_names.folded(part), (part, info))
            if known != part:
                clashes[f"{_title(owner)}: {known} and {_title(info)}: {part}"] = None
    if clashes:
        raise ProjectError(
            f"Some packages have names that {target} cannot tell apart.",
            why=listed(clashes, most=_SHOWN),
            hint="Take one of the packages out of the lock, for this system with a marker.",
        )


def _check_portable(paths: Mapping[str, str], target: Target) -> None:
    wrong = [
        f"{_title(info)}: {path}: {part!r} {why}"
        for path, info in sorted(paths.items())
        for part in path.split("/")
        if (why := portable_names.problem(part))
    ]
    if wrong:
        raise ProjectError(
            f"Some packages have files that {target} cannot hold.",
            why=listed(wrong, most=_SHOWN),
            hint="Take the package out of the lock for this system, with a marker.",
        )


def _title(info: str) -> str:
    """Return "name version" of a dist-info folder."""
    return info.removesuffix(".dist-info").replace("-", " ", 1)
