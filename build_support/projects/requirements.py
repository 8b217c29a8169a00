"""The hashed lock of a project: read, checked, and joined with what the runtime needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from build_support.errors import ProjectError
from build_support.projects.lock_advice import foreign_lock_error, lock_advice
from build_support.projects.texts import read_text
from build_support.target import TARGETS, Target

_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_ANY_OPTION = re.compile(r"\s--\S+")
_COMMENT = re.compile(r"(^|\s)#.*")
_PASSWORD = re.compile(r"(?<=//)[^/\s@]+@")


@dataclass(frozen=True, slots=True)
class LockedRequirement:
    """One pinned distribution: `requirement` is `name==version ; marker`, without hashes."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        """The normalised name."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> Version:
        """The one version that is pinned."""
        (specifier,) = self.requirement.specifier
        return Version(specifier.version)

    def __str__(self) -> str:
        return " \\\n    ".join((str(self.requirement), *self.hashes))


def read_lock(file: Path, *, root: Path | None = None) -> tuple[LockedRequirement, ...]:
    """Read a lock in requirements.txt format.

    `root` is the project's folder if that is not the lock's. Raises ProjectError, naming the
    line, when it is missing, or when anything in it is not pinned by `==` and at least one
    SHA-256.
    """
    try:
        text = read_text(file)
    except FileNotFoundError:
        raise ProjectError(
            f"There is no lock {file}.",
            why="Every dependency is shipped in the exact version that the lock names.",
            hint=_advice(file, root),
        ) from None
    if error := foreign_lock_error(file, text):
        raise ProjectError(error.what, why=error.why, hint=_advice(file, root))
    return tuple(_parse(file, root, number, line) for number, line in _logical_lines(text))


def check_agreement(
    lock: Iterable[LockedRequirement],
    dependencies: Iterable[Requirement],
    *,
    file: Path,
    root: Path | None = None,
) -> None:
    """Check that a lock holds what a project asks for.

    `root` is as for `read_lock`. A lock may pin different versions for different targets, and
    need not pin what no target has a use for. Raises ProjectError naming the dependency that is
    missing or of another version.
    """
    locked = tuple(lock)
    for dependency in dependencies:
        if problem := _disagreement(dependency, locked):
            raise ProjectError(
                f"The lock {file} does not agree with the project.",
                why=f"Of the project's dependencies, {problem}.",
                hint=_advice(file, root, outdated=True),
            )


def applies(requirement: Requirement, target: Target) -> bool:
    """Whether a requirement is one on this target, as its marker says."""
    marker = requirement.marker
    return marker is None or marker.evaluate(dict(target.marker_environment))


def join(
    project: Iterable[LockedRequirement], runtime: Iterable[LockedRequirement], target: Target
) -> tuple[LockedRequirement, ...]:
    """Return what is installed for a target: a project's lock and what the runtime needs.

    Where both pin the same distribution for it, the project's version is taken. In the
    order of names.
    """
    chosen = {entry.name: entry for entry in runtime if applies(entry.requirement, target)}
    chosen |= {entry.name: entry for entry in project if applies(entry.requirement, target)}
    return tuple(chosen[name] for name in sorted(chosen))


def render(lock: Iterable[LockedRequirement]) -> str:
    """Write a lock as uv and pip read it."""
    return "".join(f"{entry}\n" for entry in lock)


def _disagreement(dependency: Requirement, lock: Iterable[LockedRequirement]) -> str:
    name = canonicalize_name(dependency.name)
    entries = [entry for entry in lock if entry.name == name]
    for target in TARGETS.values():
        if not applies(dependency, target):
            continue
        pinned = [entry for entry in entries if applies(entry.requirement, target)]
        if not pinned:
            return f"{dependency} is not in it" + (f" for {target}" if entries else "")
        for entry in pinned:
            if not dependency.specifier.contains(entry.version, prereleases=True):
                return f"it pins {entry.requirement.name} {entry.version}, not {dependency}"
    return ""


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number of the first line, joined line) without comments and empty lines."""
    start, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not parts:
            start = number
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        parts.append(stripped.removesuffix("\\").strip())
        if not stripped.endswith("\\"):
            if joined := " ".join(part for part in parts if part):
                yield start, joined
            parts = []
    if joined := " ".join(part for part in parts if part):
        yield start, joined


def _advice(file: Path, root: Path | None, *, outdated: bool = False) -> str:
    folder = root or file.parent
    place = PurePosixPath(file.relative_to(folder).as_posix())
    return lock_advice(folder, place, outdated=outdated)


def _parse(file: Path, root: Path | None, number: int, line: str) -> LockedRequirement:
    line = _COMMENT.sub("", line)
    shown = _PASSWORD.sub("", line.split(" --", maxsplit=1)[0])

    def refuse(why: str) -> ProjectError:
        return ProjectError(
            f"{file}, line {number}: {shown!r} cannot be used.",
            why=_PASSWORD.sub("", why),
            hint=_advice(file, root),
        )

    if line.startswith("-"):
        raise refuse("Options have no place in a lock; use uv's environment variables instead.")
    hashes = tuple(_HASH.findall(line))
    text = _ANY_OPTION.split(line)[0].strip()
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise refuse(str(error)) from None
    if requirement.url:
        raise refuse("It names an address instead of a version.")
    operators = [specifier.operator for specifier in requirement.specifier]
    if operators != ["=="] or "*" in str(requirement.specifier):
        raise refuse("It is not pinned to one version with ==.")
    if not hashes:
        raise refuse("It has no --hash=sha256:… .")
    return LockedRequirement(requirement, hashes)
