"""What the distributions in a folder of packages say about themselves."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageMetadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from build_support.errors import VerificationError
from build_support.licences.expressions import licence_of
from build_support.licences.parts import Notice, Part
from build_support.projects.requirements import LockedRequirement, applies
from build_support.target import Target

#: Files that are passed on although the metadata does not name them.
_NOTICE_NAMES = re.compile(
    r"(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|AUTHORS)([.\-_].*)?", re.IGNORECASE
)
_HOMEPAGES = ("homepage", "home", "source", "repository", "source code")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution: `part` with its name as it spells it, and the names that it depends on."""

    part: Part
    dependencies: tuple[str, ...]

    @property
    def name(self) -> str:
        """The normalised name."""
        return canonicalize_name(self.part.name)


def read_distributions(packages: Path, target: Target) -> tuple[Distribution, ...]:
    """Read all distributions in a folder, in the order of their names."""
    found = importlib.metadata.distributions(path=[str(packages)])
    read = [_read(Path(str(each.locate_file(""))), each, target) for each in found]
    return tuple(sorted(read, key=lambda each: each.name))


def check_complete(
    distributions: Sequence[Distribution], lock: Sequence[LockedRequirement]
) -> None:
    """Check that a bundle holds what its lock names and nothing else.

    Raises VerificationError naming every difference.
    """
    installed = {each.name: each.part.version for each in distributions}
    locked = {entry.name: str(entry.version) for entry in lock}
    problems = [
        f"{name}: the lock has {locked.get(name, 'none')}, the bundle {installed.get(name, 'none')}"
        for name in sorted(installed.keys() | locked.keys())
        if installed.get(name) != locked.get(name)
    ]
    if problems:
        raise VerificationError(
            "The bundle does not hold what its lock names.",
            why="\n".join(problems),
            hint="Make it again: nox -s bundle",
        )


def _read(packages: Path, found: importlib.metadata.Distribution, target: Target) -> Distribution:
    metadata = found.metadata
    folder = _info_folder(packages, found)
    part = Part(
        name=found.name,
        version=found.version,
        licence=licence_of(
            _first(metadata, "License-Expression"),
            _first(metadata, "License"),
            metadata.get_all("Classifier") or [],
        ),
        homepage=_homepage(metadata),
        notices=tuple(_notices(folder, metadata.get_all("License-File") or [])),
    )
    return Distribution(part, tuple(_dependencies(found.requires or [], target)))


def _info_folder(packages: Path, found: importlib.metadata.Distribution) -> Path:
    wanted = canonicalize_name(found.name), found.version
    for folder in packages.glob("*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        if (canonicalize_name(name), version) == wanted:
            return folder
    raise VerificationError(f"There is no metadata of {found.name} in {packages}.")


def _notices(folder: Path, named: Sequence[str]) -> Iterator[Notice]:
    """Yield the texts that the metadata names, and those with a name that tells it."""
    files = {path for name in named for path in (folder / "licenses" / name, folder / name)}
    files |= {path for path in folder.rglob("*") if _NOTICE_NAMES.fullmatch(path.name)}
    for path in sorted(files):
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            name = path.relative_to(folder).as_posix().removeprefix("licenses/")
            yield Notice(name, path.read_text(encoding="utf-8", errors="replace"))


def _homepage(metadata: PackageMetadata) -> str:
    pairs = [each.partition(",") for each in metadata.get_all("Project-URL") or []]
    urls = {label.strip().lower(): url.strip() for label, _, url in pairs}
    found = (urls[label] for label in _HOMEPAGES if label in urls)
    return next(found, _first(metadata, "Home-page"))


def _first(metadata: PackageMetadata, field: str) -> str:
    values: list[str] = metadata.get_all(field) or []
    return values[0] if values else ""


def _dependencies(requires: Sequence[str], target: Target) -> Iterator[str]:
    """Yield the names that are needed on a target without any extra."""
    for text in requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if applies(requirement, target):
            yield canonicalize_name(requirement.name)
