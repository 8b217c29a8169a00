"""What the user asked for when packages are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT
from build_support.bundles.interpreter import Wish
from build_support.desktop.electron import ElectronWish
from build_support.target import System, Target, find_target, host_target


@dataclass(frozen=True, slots=True)
class PackageWish:
    """One run of a package session.

    `bundle` is a finished one to be used as it is; without one it is built. `formats` is None
    for the usual ones. `unsigned`: not signed whatever the variables say.
    """

    target: Target
    project: Path
    output: Path
    formats: tuple[str, ...] | None
    bundle: Path | None
    rehearse: bool
    release: bool
    unsigned: bool
    interpreter: Wish
    electron: ElectronWish
    environment: Mapping[str, str]


def target_of(system: System, machine: str | None) -> Target:
    """Return the target of a system: with this machine's processor, where none is named."""
    host = host_target()
    usual = host.machine if host.system == system else "x86_64"
    return find_target(f"{system}-{machine or usual}")


def built_bundle(target: Target) -> Path:
    """Return where the bundle of a target is built: this machine's is the developer's own."""
    if target == host_target():
        return ROOT / "electron" / "django-bundle"
    return ROOT / "build" / "bundles" / target.name / "django-bundle"
