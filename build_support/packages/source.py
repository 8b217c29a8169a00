"""The bundle that is packaged: a given one, or the project's own, built when it is not current."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from build_support import digest
from build_support.bundles import bundle as bundles
from build_support.bundles.bundle import Plan
from build_support.bundles.manifest import Manifest, read_manifest
from build_support.bundles.output import check_output
from build_support.bundles.runtime import LOCK as RUNTIME_LOCK
from build_support.bundles.summary import announce, naming_previous
from build_support.cache import Cache
from build_support.errors import UsageError
from build_support.packages.wish import PackageWish, built_bundle
from build_support.projects.project import Project
from build_support.projects.requirements import LockedRequirement, join, read_lock
from build_support.reporter import Reporter


@dataclass(frozen=True, slots=True)
class Source:
    """A bundle that is there, or the plan of one. `manifest` tells of either."""

    folder: Path
    manifest: Manifest
    lock: tuple[LockedRequirement, ...]
    plan: Plan | None


def find_source(wish: PackageWish, project: Project, *, cache: Cache, reporter: Reporter) -> Source:
    """Find the bundle or plan it, building nothing.

    Raises UsageError when the given one is another project's or target's, and what
    `make_plan` raises.
    """
    if wish.bundle is not None:
        manifest = read_manifest(wish.bundle)
        _check_given(wish, project, manifest)
        lock = join(read_lock(project.lock), read_lock(RUNTIME_LOCK), wish.target)
        return Source(wish.bundle, manifest, lock, None)
    folder = built_bundle(wish.target)
    check_output(folder)
    plan = bundles.make_plan(project, wish.target, wish.interpreter, cache=cache, reporter=reporter)
    return Source(folder, plan.manifest, plan.lock_for(wish.target), plan)


def make_source(source: Source, wish: PackageWish, *, cache: Cache, reporter: Reporter) -> None:
    """Build the planned bundle if it is not there yet, and say which application it is."""
    announce(source.manifest, source.folder, reporter)
    if source.plan is None:
        return
    if bundles.is_current(source.plan, source.folder):
        reporter.note(f"The bundle is current: {source.folder}")
        return
    with naming_previous(source.folder, reporter):
        bundles.make_bundle(
            source.plan, source.folder, wish.interpreter, cache=cache, reporter=reporter
        )


def _check_given(wish: PackageWish, project: Project, manifest: Manifest) -> None:
    app = manifest.app
    pairs = {
        "is for": (manifest.target, wish.target.name),
        "is of the application": (app.identifier, project.identifier),
        "is of the version": (app.version, project.version),
        "was made from a lock with the SHA-256": (
            manifest.requirements.sha256,
            digest.of_file(project.lock),
        ),
    }
    wrong = [
        f"It {what} {found}, not {wanted}."
        for what, (found, wanted) in pairs.items()
        if found != wanted
    ]
    if wrong:
        raise UsageError(
            f"The bundle in {wish.bundle} is not the one that would be packaged.",
            why="\n".join(wrong),
            hint="Name another project, target or bundle, or leave out --bundle to build it.",
        )
