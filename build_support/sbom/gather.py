"""Gather what a finished bundle holds, from itself and from the lock that it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from build_support.bundles.manifest import read_manifest
from build_support.licences.distributions import read_distributions
from build_support.licences.interpreter import interpreter_parts
from build_support.licences.parts import Part
from build_support.licences.shell import Electron, electron_part
from build_support.projects.requirements import LockedRequirement
from build_support.sbom.bill import Contents
from build_support.sbom.wheels import Vendored
from build_support.target import TARGETS
from build_support.trees.folders import BUNDLE_PACKAGES

_MAKER = "djdesk"


def gather(
    bundle: Path,
    lock: Sequence[LockedRequirement],
    *,
    electron: Electron | None = None,
    python_url: str = "",
    vendored: Mapping[str, Sequence[Vendored]] | None = None,
    made: datetime | None = None,
) -> Contents:
    """Return the contents of a bundle, and of the Electron around it if there is one.

    `lock` is what was installed for the bundle's target. Raises VerificationError when the
    bundle is damaged or lacks CPython's licence.
    """
    manifest = read_manifest(bundle)
    target = TARGETS[manifest.target]
    return Contents(
        app=manifest.app,
        target=manifest.target,
        python=manifest.python,
        interpreter=interpreter_parts(bundle, manifest.python, target),
        distributions=read_distributions(bundle / BUNDLE_PACKAGES, target),
        lock=lock,
        runtime_version=manifest.built_with.get(_MAKER, ""),
        electron=electron,
        python_url=python_url,
        vendored=vendored or {},
        made=made,
    )


def parts_of(contents: Contents) -> Sequence[Part]:
    """Return the work of others in some contents: the shell, the interpreter, distributions."""
    shell = [electron_part(contents.electron)] if contents.electron is not None else []
    distributions = [each.part for each in contents.distributions]
    return (*shell, *contents.interpreter, *distributions)
