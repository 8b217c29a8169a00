"""From a bundle to what people download: the sessions `package-linux`, `-macos`, `-windows`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from build_support import ROOT, __version__
from build_support.cache import Cache, open_cache
from build_support.desktop.modules import install_modules
from build_support.desktop.node import find_node
from build_support.icons.make import make_icons
from build_support.packages import archives, builder, inside, products
from build_support.packages.configuration import (
    BUNDLE_FOLDER,
    Ingredients,
    configure,
    read_committed,
)
from build_support.packages.contents import (
    NOTICES_FILE,
    SBOM_FILE,
    published_url,
    write_about,
)
from build_support.packages.electrons import PackagedElectron, electron_for
from build_support.packages.formats import FOLDER
from build_support.packages.installers import look_into, make_installers
from build_support.packages.layout import application_in, bundle_in, has_modes
from build_support.packages.manifest import (
    BESIDE_SUFFIX,
    PackagedBundle,
    PackageManifest,
    with_files,
    write_package_manifest,
)
from build_support.packages.order import Order, take_order
from build_support.packages.rehearsal import write_rehearsal
from build_support.packages.sealing import Sealing, sealing
from build_support.packages.source import make_source
from build_support.packages.toolcheck import Surroundings
from build_support.packages.wish import PackageWish
from build_support.paths import quoted
from build_support.reporter import Reporter
from build_support.signing.commands import run_command
from build_support.signing.reseal import sign_copy
from build_support.target import Target, host_target
from build_support.trees.moving import move
from build_support.verification.verify import verify_bundle


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
        products.claim_folder(wish.output, reporter) as work,
        sealing(order.means, run_command, reporter.note) as seal,
    ):
        bench = builder.Bench(modules, wish.target, work, seal.variables)
        made = _make(order, electron, bench, seal, cache=cache, reporter=reporter)
        delivered = products.deliver(made, wish.output)
        sums = products.write_all_sums(wish.output)
    products.show(delivered, sums, reporter)
    reporter.success(f"The packages are ready: {wish.output}")
    reporter.line(f"  next   {next_session(wish.target, wish.output)}")


def next_session(target: Target, output: Path) -> str:
    """Return what to do with finished packages: start them, where they can be started."""
    place = "" if output == ROOT / "dist" else f" -- --output {quoted(output)}"
    where = "" if target == host_target() else f" on {target}, with these files"
    return f"nox -s smoke{place} (start them{where})"


def _make(
    order: Order,
    electron: PackagedElectron,
    bench: builder.Bench,
    seal: Sealing,
    *,
    cache: Cache,
    reporter: Reporter,
) -> list[Path]:
    """Make everything in a work folder; return what is to be delivered."""
    bundle, work = order.source.folder, bench.work
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
        packed = builder.build_folder(bench, configuration)
        folder = packed.with_name(order.stem)
        move(packed, folder)
        packed_bundle = bundle_in(folder, order.target.system)
        inside.check_folder(bundle, packed_bundle, modes=has_modes())
        seal.application(folder)
    archived = _make_archives(order, folder, bundle, reporter)
    installers = make_installers(order, bench, configuration, folder, reporter)
    for file in installers.values():
        seal.installer(file)
    look_into(order, bundle, installers, reporter)
    inside.check_folder(bundle, packed_bundle, modes=has_modes())
    files = [*archived, *installers.values()]
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
        signed=order.means is not None,
        electron=electron.version,
        bundle=PackagedBundle(
            redistributable=manifest.python.redistributable,
            revision=manifest.app.revision,
            described_by=inside.digests_of_describing_files(bundle),
        ),
        built_with={"djdesk": __version__},
    )


def _make_archives(order: Order, folder: Path, bundle: Path, reporter: Reporter) -> list[Path]:
    """Pack the folder into archives, and look into each for the bundle."""
    packed = application_in(folder, order.target.system)
    inner = bundle_in(folder, order.target.system).relative_to(packed.parent)
    place = PurePosixPath(inner.as_posix())
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
