"""From options to a bundle: what is to be made, whether it is there already, making it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from build_support import __version__, digest
from build_support.bundles import interpreter
from build_support.bundles.assemble import Parts, assemble_bundle
from build_support.bundles.check import check_built
from build_support.bundles.interpreter import Interpreter, Wish
from build_support.bundles.manifest import (
    LISTING_FILE,
    VERSION_FILE,
    App,
    Files,
    Manifest,
    Requirements,
    read_manifest,
)
from build_support.bundles.output import claim_output
from build_support.bundles.packages import install_packages
from build_support.bundles.runtime import LOCK as RUNTIME_LOCK
from build_support.bundles.runtime import RUNTIME, list_runtime
from build_support.bundles.static import Workshop
from build_support.cache import Cache
from build_support.errors import VerificationError
from build_support.projects.desktop import check_error_reporting
from build_support.projects.distribution import describe_distribution
from build_support.projects.files import SourceFile, list_files
from build_support.projects.project import Project
from build_support.projects.requirements import (
    LockedRequirement,
    check_agreement,
    join,
    read_lock,
    render,
)
from build_support.projects.revision import find_revision
from build_support.reporter import Reporter
from build_support.target import Target, host_target
from build_support.trees import listing
from build_support.trees.bytecode import Compiler
from build_support.trees.folders import BUNDLE_APP, BUNDLE_PACKAGES, replace_tree


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a bundle will be. `manifest.inputs` is its digest."""

    project: Project
    target: Target
    files: tuple[SourceFile, ...]
    lock: tuple[LockedRequirement, ...]
    runtime_lock: tuple[LockedRequirement, ...]
    interpreter: Interpreter
    manifest: Manifest

    def lock_for(self, target: Target) -> tuple[LockedRequirement, ...]:
        """Everything that is installed for a target: the project's lock and the runtime's."""
        return join(self.lock, self.runtime_lock, target)


def make_plan(
    project: Project, target: Target, wish: Wish, *, cache: Cache, reporter: Reporter
) -> Plan:
    """Read and check everything that a bundle is made from, writing nothing.

    Raises ProjectError for anything wrong in the project, and what
    `interpreter.choose` raises.
    """
    lock = read_lock(project.lock, root=project.root)
    check_agreement(lock, project.dependencies, file=project.lock, root=project.root)
    runtime_lock = read_lock(RUNTIME_LOCK)
    installed = join(lock, runtime_lock, target)
    names = [entry.name for entry in installed]
    check_error_reporting(project.desktop, names, lock=project.lock)
    files = list_files(project, reporter.warning)
    chosen = interpreter.choose(target, wish, cache=cache, reporter=reporter)
    return Plan(
        project=project,
        target=target,
        files=files,
        lock=lock,
        runtime_lock=runtime_lock,
        interpreter=chosen,
        manifest=_describe(project, target, files, installed, chosen),
    )


def is_current(plan: Plan, output: Path) -> bool:
    """Whether the bundle in `output` was made from the same inputs, and is still whole.

    Looks at the names and sizes of its files, not into them; `nox -s verify` does that.
    """
    try:
        manifest = read_manifest(output)
        version = (output / VERSION_FILE).read_text(encoding="utf-8")
        entries = listing.parse_listing((output / LISTING_FILE).read_text(encoding="utf-8"))
        whole = version == manifest.version_line and not listing.quick_compare(output, entries)
    except (VerificationError, OSError, ValueError):
        return False
    return whole and manifest.inputs == plan.manifest.inputs


def make_bundle(
    plan: Plan, output: Path, wish: Wish, *, cache: Cache, reporter: Reporter, force: bool = False
) -> Manifest:
    """Make the bundle of a plan in `output`, which is replaced as a whole at the very end.

    With `force` every stage is done again, downloads excepted. A killed build leaves the
    previous bundle, and the next build removes what it left; so does a bundle that cannot
    show its first page. Raises UsageError when `output` holds something else than a bundle,
    and ProjectError for what is wrong with the project.
    """
    cache.sweep()
    with claim_output(output, reporter) as workplace:
        if not force and is_current(plan, output):
            return read_manifest(output)
        parts = _make_parts(plan, wish, cache=cache, reporter=reporter, force=force)
        staging, scratch = workplace / "bundle", workplace / "scratch"
        staging.mkdir(parents=True)
        scratch.mkdir()
        with reporter.step("Assemble the bundle"):
            manifest = assemble_bundle(
                parts,
                plan.manifest,
                staging,
                scratch=scratch,
                previous=None if force else output,
                reporter=reporter,
            )
        check_built(plan.project, staging, plan.target, workplace / "check", reporter)
        replace_tree(staging, output)
    return manifest


def _make_parts(plan: Plan, wish: Wish, *, cache: Cache, reporter: Reporter, force: bool) -> Parts:
    """Make or find every tree. Downloads come first and in this thread, so Ctrl-C ends them."""
    sources = _download(plan, wish, cache=cache, reporter=reporter, force=force)
    python, requirements = plan.manifest.python, plan.manifest.requirements
    title = f"CPython {python.version} and {requirements.count} packages"
    warnings: list[str] = []
    with reporter.step(f"{title} for {plan.target}"), ThreadPoolExecutor(4) as pool:
        parts = _build(plan, sources, pool, cache=cache, force=force, warn=warnings.append)
    for warning in sorted(warnings):  # not while other threads build
        reporter.warning(warning)
    return parts


@dataclass(frozen=True, slots=True)
class _Sources:
    """What trees are made from. `native` is this machine's interpreter, the compiler.

    A source is None where the finished tree is in the cache.
    """

    native: Interpreter
    native_source: Path | None
    source: Path | None


def _download(plan: Plan, wish: Wish, *, cache: Cache, reporter: Reporter, force: bool) -> _Sources:
    get = partial(interpreter.download, cache=cache, reporter=reporter, force=force)
    if plan.target == host_target():
        source = get(plan.interpreter, wish)
        return _Sources(plan.interpreter, source, source)
    native_wish = replace(wish, choice="auto", archive=None)
    native = interpreter.choose(host_target(), native_wish, cache=cache, reporter=reporter)
    return _Sources(
        native=native,
        native_source=get(native, native_wish),
        source=get(plan.interpreter, wish, compiler_key=native.python.sha256),
    )


def _build(
    plan: Plan,
    sources: _Sources,
    pool: ThreadPoolExecutor,
    *,
    cache: Cache,
    force: bool,
    warn: Callable[[str], None],
) -> Parts:
    host = host_target()
    build = partial(interpreter.build, cache=cache, force=force)
    native_tree = pool.submit(build, sources.native, sources.native_source, compiler=None)
    compiler = Compiler(
        key=sources.native.python.sha256,
        executable=lambda: interpreter.executable(native_tree.result(), host),
    )
    install = partial(
        install_packages,
        languages=plan.project.languages,
        compiler=compiler,
        cache=cache,
        force=force,
        warn=warn,
    )
    host_packages = pool.submit(install, plan.lock_for(host), host)
    target_tree, target_packages = native_tree, host_packages
    if plan.target != host:
        target_packages = pool.submit(install, plan.lock_for(plan.target), plan.target)
        target_tree = pool.submit(build, plan.interpreter, sources.source, compiler=compiler)
    return Parts(
        project=plan.project,
        files=plan.files,
        workshop=Workshop(compiler.executable(), host_packages.result() / BUNDLE_PACKAGES),
        interpreter=target_tree.result(),
        packages=target_packages.result(),
    )


def _describe(
    project: Project,
    target: Target,
    files: Sequence[SourceFile],
    lock: Sequence[LockedRequirement],
    chosen: Interpreter,
) -> Manifest:
    app = App(
        name=project.name,
        identifier=project.identifier,
        version=project.version,
        revision=find_revision(project.root),
    )
    manifest = Manifest(
        app=app,
        target=target.name,
        python=chosen.python,
        settings_module=project.settings_module,
        source_roots=((BUNDLE_APP / project.source_root).as_posix(),),
        requirements=Requirements(
            source=project.requirements.as_posix(),
            sha256=digest.of_file(project.lock),
            count=len(lock),
        ),
        inputs="",
        files=Files(count=0, bytes=0, digest=""),
        built_with={"djdesk": __version__},
        desktop=project.desktop,
    )
    inputs = digest.of_values(
        digest.of_recipe(),
        asdict(manifest),
        render(lock),
        None if project.languages is None else [*project.languages],
        [[file.path.as_posix(), digest.of_file(file.origin)] for file in files],
        dict(describe_distribution(project)),
        [[path.relative_to(RUNTIME).as_posix(), digest.of_file(path)] for path in list_runtime()],
    )
    return replace(manifest, inputs=inputs)
