"""Bundles for other systems than this one: what tests make them from."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from build_support.target import TARGETS, Target, host_target
from tests.archives import make_install_only
from tests.integration.sessions import ROOT
from tests.pins import write_pins

#: Another project than the example, with a compiled module among its packages.
NATIVE = ROOT / "tests" / "projects" / "native"
#: The targets that this machine is not.
FOREIGN = tuple(name for name in TARGETS if name != host_target().name)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A bundle for another system, and the archive it was made around."""

    target: Target
    archive: Path
    pins: Path
    bundle: Path

    @property
    def words(self) -> Sequence[object]:
        """The options that make a bundle of it."""
        archive = ("--interpreter-archive", self.archive, "--pins", self.pins)
        return ("--target", self.target, *archive)


def pinned(folder: Path, target: Target, *, really: Target | None = None) -> Foreign:
    """Make an archive in a folder and pin it for a target; the bundle does not exist yet."""
    archive = make_install_only(folder, really or target)
    pins = write_pins(folder / "pins.json", {target.name: archive})
    return Foreign(target, archive, pins, folder / "django-bundle")


def copy_project(folder: Path) -> Path:
    """Copy the other project to a folder that does not exist yet."""
    return Path(
        shutil.copytree(NATIVE, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    )
