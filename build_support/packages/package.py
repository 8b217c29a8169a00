"""From a bundle to what people download: the sessions `package-linux`, `-macos`, `-windows`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from build_support import ROOT, __version__
from build_support.cache import Cache, open_cache
from build_support.desktop.modules import Modules, install_modules
from build_support.desktop.node import find_node
from build_support.desktop.release import archive_for
from build_support.errors import ProjectError
from build_support.icons.make import make_icons
from build_support.packages import archives, builder, inside, products
from build_support.packages.checkout import examine_checkouts
from build_support.packages.configuration import (
    BUNDLE_FOLDER,
    Ingredients,
    configure,
    missing_fields,
    read_committed,
)
from build_support.packages.contents import (
    NOTICES_FILE,
    SBOM_FILE,
    published_url,
    write_about,
)
from build_support.packages.electrons import PackagedElectron, electron_for
from build_support.packages.formats import FOLDER, Format, check_host, choose_formats
from build_support.packages.manifest import (
    BESIDE_SUFFIX,
    PackagedBundle,
    PackageManifest,
    with_files,
    write_package_manifest,
)
from build_support.packages.naming import stem
from build_support.packages.rehearsal import write_rehearsal
from build_support.packages.rules import ReleaseFacts, check_release, check_wish
from build_support.packages.sealing import Credentials, Sealing, read_credentials, sealing
from build_support.packages.source import Source, find_source, make_source
from build_support.packages.tools import Surroundings, check_tools
from build_support.packages.wish import PackageWish
from build_support.projects.project import Project, load_project
from build_support.projects.publication import Publication, load_publication
from build_support.reporter import Reporter
from build_support.signing.commands import run_command
from build_support.signing.reseal import sign_copy
from build_support.target import Target, host_target
from build_support.verification.verify import verify_bundle

#: Of an old Electron's own: it starts when there is no application.
_LEFT_OUT = ("resources/default_app.asar",)


@dataclass(frozen=True, slots=True)
class Order:
    """What was found good before any work was done."""

    wish: PackageWish
    project: Project
    publication: Publication
    formats: tuple[Format, ...]
    credentials: Credentials
    source: Source

    @property
    def target(self) -> Target:
        """What the packages are for."""
        return self.wish.target

    @property
    def stem(self) -> str:
        """What their names begin with."""
        return stem(self.publication, self.target, rehearsal=self.wish.rehearse)


def make_packages(wish: PackageWish, surroundings: Surroundings, reporter: Reporter) -> None:
    """Make packages, and end with a table of them.

    Raises BuildError: before any work for wishes that cannot be met and tools that are not
    there, afterwards when a step fails. What was in the output folder is then still there.
    """
    cache = open_cache()
    order = take_order(wish, surroundings, cache=cache, reporter=reporter)
    if wish.rehearse:
        reporter.warning("This is a rehearsal: nothing of it is for users.")
    make_source(order.source, wish, cache=cache, reporter=reporter)
    electron = electron_for(
        wish.target, wish.electron, rehearse=wish.rehearse, cache=cache, reporter=reporter
    )
    if not electron.has_fuses:
        reporter.warning(f"The fuses of Electron {electron.version} cannot be set: it is too old.")
    verify_bundle(order.source.folder, reporter)
    modules = install_modules(find_node(cache, reporter), reporter)
    with (
        products.claim_folder(wish.output, order.stem, reporter) as work,
        sealing(wish.target, order.credentials, wish.environment, run_command) as seal,
    ):
        made = _make(order, electron, modules, seal, work, cache=cache, reporter=reporter)
        delivered = products.deliver(made, wish.output)
        sums = products.write_all_sums(wish.output)
    products.show(delivered, sums, reporter)
    reporter.success(f"The packages are ready: {wish.output}")


def take_order(
    wish: PackageWish, surroundings: Surroundings, *, cache: Cache, reporter: Reporter
) -> Order:
    """Check everything that can be checked before any work is done.

    Raises UsageError, ProjectError or ToolError that says what is wrong.
    """
    check_wish(rehearse=wish.rehearse, release=wish.release)
    check_host(wish.target.system, host_target().system)
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
    signing = not (wish.unsigned or wish.rehearse)
    credentials = read_credentials(wish.target, wish.environment) if signing else None
    source = find_source(wish, project, cache=cache, reporter=reporter)
    if wish.release:
        check_release(_release_facts(wish, project, source, signed=credentials is not None))
    check_tools(formats, surroundings)
    return Order(wish, project, publication, formats, credentials, source)


def _release_facts(
    wish: PackageWish, project: Project, source: Source, *, signed: bool
) -> ReleaseFacts:
    checkout = examine_checkouts(project.root, ROOT)
    pinned = archive_for(wish.target).version
    electron = pinned
    if wish.electron.dist is not None:
        file = wish.electron.dist / "version"
        electron = file.read_text("utf-8").strip().removeprefix("v") if file.is_file() else "?"
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
        electron=electron,
        electron_pinned=electron == pinned,
    )


def _make(
    order: Order,
    electron: PackagedElectron,
    modules: Modules,
    seal: Sealing,
    work: Path,
    *,
    cache: Cache,
    reporter: Reporter,
) -> list[Path]:
    """Make everything in a work folder; return what is to be delivered."""
    bundle = order.source.folder
    if seal.bundle is not None:
        with reporter.step("Sign a copy of the bundle"):
            bundle = work / BUNDLE_FOLDER
            sign_copy(order.source.folder, bundle, seal.bundle)
    manifest = _describe(order, electron, bundle)
    with reporter.step("Write the notices and the bill of materials"):
        parts = _gather(order, electron, bundle, manifest, work, cache=cache)
    configuration = configure(
        parts, work / "built", read_committed(), signed=seal.bundle is not None
    )
    with reporter.step(f"Pack the application with Electron {electron.version}"):
        packed = builder.build_folder(modules, configuration, order.target, work, seal.variables)
        folder = _named(packed, order.stem)
        inside.check_folder(bundle, _resources(folder, order.target), modes=_has_modes())
        seal.application(folder)
    installers = [each.name for each in order.formats if each.built]
    if installers:
        with reporter.step(f"Make {', '.join(installers)}"):
            _make_installers(order, modules, configuration, folder, work, seal)
    inside.check_folder(bundle, _resources(folder, order.target), modes=_has_modes())
    files = [_find(work / "built", order.stem, each) for each in order.formats if each.built]
    files += _make_archives(order, folder, bundle, reporter)
    return _with_papers(order, manifest, parts.about, files, folder)


def _gather(
    order: Order,
    electron: PackagedElectron,
    bundle: Path,
    manifest: PackageManifest,
    work: Path,
    *,
    cache: Cache,
) -> Ingredients:
    about = work / "about"
    write_about(
        about,
        bundle,
        manifest,
        lock=order.source.lock,
        target=order.target,
        electron=electron,
        python_url=published_url(order.source.manifest, order.wish.interpreter.pins),
    )
    rehearsal = work / "rehearsal" if electron.stand_in else None
    if rehearsal is not None:
        write_rehearsal(rehearsal)
    return Ingredients(
        project=order.project,
        publication=order.publication,
        target=order.target,
        stem=order.stem,
        electron=electron,
        icons=make_icons(order.publication.icon, cache),
        bundle=bundle,
        about=about,
        rehearsal=rehearsal,
    )


def _describe(order: Order, electron: PackagedElectron, bundle: Path) -> PackageManifest:
    manifest = order.source.manifest
    return PackageManifest(
        name=order.project.name,
        identifier=order.project.identifier,
        version=order.publication.version,
        target=order.target.name,
        rehearsal=order.wish.rehearse,
        release=order.wish.release,
        signed=order.credentials is not None,
        electron=electron.version,
        bundle=PackagedBundle(
            redistributable=manifest.python.redistributable,
            revision=manifest.app.revision,
            described_by=inside.digests_of_describing_files(bundle),
        ),
        built_with={"djdesk": __version__},
    )


def _named(packed: Path, name: str) -> Path:
    """Give the packed folder the name that it has for users."""
    for left_out in _LEFT_OUT:
        (packed / left_out).unlink(missing_ok=True)
    return packed.rename(packed.with_name(name))


def _resources(folder: Path, target: Target) -> Path:
    """Return the bundle's place in a packed folder."""
    if target.system == "macos":
        return next(folder.glob("*.app")) / "Contents" / "Resources" / BUNDLE_FOLDER
    return folder / "resources" / BUNDLE_FOLDER


def _has_modes() -> bool:
    return host_target().system != "windows"


def _make_installers(
    order: Order,
    modules: Modules,
    configuration: Mapping[str, object],
    folder: Path,
    work: Path,
    seal: Sealing,
) -> None:
    """Let electron-builder make what it makes of the packed folder."""
    application = next(folder.glob("*.app")) if order.target.system == "macos" else folder
    names = [each.name for each in order.formats if each.built]
    builder.build_installers(
        modules, configuration, order.target, names, application, work, seal.variables
    )
    for each in order.formats:
        if each.built:
            seal.installer(_find(work / "built", order.stem, each))


def _find(built: Path, name: str, wanted: Format) -> Path:
    file = built / f"{name}{wanted.suffix}"
    if not file.is_file():
        found = ", ".join(sorted(path.name for path in built.iterdir())) or "nothing"
        raise ProjectError(f"electron-builder did not make {file.name}.", why=f"There is: {found}.")
    return file


def _make_archives(order: Order, folder: Path, bundle: Path, reporter: Reporter) -> list[Path]:
    """Pack the folder into archives, and look into each for the bundle."""
    packed = next(folder.glob("*.app")) if order.target.system == "macos" else folder
    place = PurePosixPath(_resources(folder, order.target).relative_to(packed.parent).as_posix())
    made = []
    for each in order.formats:
        if each.name in archives.WRITERS:
            archive = folder.with_name(f"{order.stem}{each.suffix}")
            with reporter.step(f"Make {archive.name}, and look into it"):
                archives.WRITERS[each.name](packed, archive)
                inside.check_archive(bundle, archive, place)
            made.append(archive)
    return made


def _with_papers(
    order: Order, manifest: PackageManifest, about: Path, files: Sequence[Path], folder: Path
) -> list[Path]:
    """Return the packages and what lies beside them: bill of materials, notices, manifest."""
    papers = []
    for name in (SBOM_FILE, NOTICES_FILE):
        paper = about.parent / f"{order.stem}.{name}"
        paper.write_bytes((about / name).read_bytes())
        papers.append(paper)
    listed = [*files, *papers]
    beside = about.parent / f"{order.stem}{BESIDE_SUFFIX}"
    write_package_manifest(with_files(manifest, listed), beside)
    folders = [folder] if any(each.name == FOLDER for each in order.formats) else []
    return [*folders, *listed, beside]
