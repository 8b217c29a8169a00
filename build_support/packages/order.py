"""What is to be packaged, found good before any work is done."""

from __future__ import annotations

from dataclasses import dataclass

from build_support import ROOT
from build_support.cache import Cache
from build_support.desktop.electron import override
from build_support.errors import ProjectError
from build_support.packages.checkout import examine_checkouts
from build_support.packages.configuration import missing_fields, unfit_for_appimage
from build_support.packages.formats import Format, check_host, choose_formats
from build_support.packages.naming import stem
from build_support.packages.rules import ReleaseFacts, check_release, check_wish
from build_support.packages.sealing import Means, find_means
from build_support.packages.source import Source, find_source
from build_support.packages.toolcheck import Surroundings, check_tools
from build_support.packages.wish import PackageWish
from build_support.projects.project import Project, load_project
from build_support.projects.publication import Publication, load_publication
from build_support.reporter import Reporter
from build_support.target import Target, host_target


@dataclass(frozen=True, slots=True)
class Order:
    """What was found good before any work was done. `means`: what signs, None for nothing."""

    wish: PackageWish
    project: Project
    publication: Publication
    formats: tuple[Format, ...]
    means: Means
    source: Source

    @property
    def target(self) -> Target:
        """What the packages are for."""
        return self.wish.target

    @property
    def stem(self) -> str:
        """What their names begin with."""
        return stem(self.publication, self.target, rehearsal=self.wish.rehearse)


def take_order(
    wish: PackageWish, surroundings: Surroundings, *, cache: Cache, reporter: Reporter
) -> Order:
    """Check everything that can be checked before any work is done.

    Raises UsageError, ProjectError or ToolError that says what is wrong.
    """
    check_wish(rehearse=wish.rehearse, release=wish.release)
    host = host_target()
    check_host(wish.target.system, host.system)
    formats = choose_formats(wish.target.system, wish.formats, rehearse=wish.rehearse)
    project = load_project(wish.project)
    publication = load_publication(project)
    names = frozenset(each.name for each in formats)
    if missing := missing_fields(publication, wish.target.system, names):
        raise ProjectError(
            f"{project.root / 'pyproject.toml'} does not say enough for deb and rpm packages.",
            why=f"[project] lacks: {', '.join(missing)}",
            hint="Add it, or leave these formats out with --formats.",
        )
    if "AppImage" in names and (unfit := unfit_for_appimage(project.name)):
        raise ProjectError(
            f"The name {project.name!r} cannot be that of an AppImage.",
            why=f"electron-builder refuses: {' '.join(unfit)}",
            hint="Choose another name, or leave AppImage out with --formats.",
        )
    signing = not (wish.unsigned or wish.rehearse)
    means = find_means(wish.target, wish.environment, host) if signing else None
    source = find_source(wish, project, cache=cache, reporter=reporter)
    if wish.release:
        check_release(_release_facts(wish, project, source, signed=means is not None))
    check_tools(formats, surroundings)
    return Order(wish, project, publication, formats, means, source)


def _release_facts(
    wish: PackageWish, project: Project, source: Source, *, signed: bool
) -> ReleaseFacts:
    checkout = examine_checkouts(project.root, ROOT)
    electron = wish.electron.dist or override(wish.electron.environment)
    return ReleaseFacts(
        system=wish.target.system,
        version=project.version,
        redistributable=source.manifest.python.redistributable,
        provider=source.manifest.python.provider,
        commit=checkout.commit,
        bundled_revision=source.manifest.app.revision,
        changes=checkout.changes,
        tags=checkout.tags,
        signed=signed,
        unsigned_wanted=wish.unsigned,
        electron=str(electron or ""),
    )
