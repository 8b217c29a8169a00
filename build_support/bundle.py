"""From options to a bundle: what is to be made, whether it is there already, making it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from build_support import __version__, digest, interpreter, listing
from build_support.assemble import Parts, assemble_bundle
from build_support.bytecode import Compiler
from build_support.cache import Cache
from build_support.errors import VerificationError
from build_support.interpreter import Interpreter, Wish
from build_support.manifest import (
    LISTING_FILE,
    App,
    Files,
    Manifest,
    Requirements,
    read_manifest,
)
from build_support.packages import install_packages
from build_support.project import Project
from build_support.project_files import SourceFile, list_files
from build_support.reporter import Reporter
from build_support.requirements import LockedRequirement, check_agreement, join, read_lock, render
from build_support.revision import find_revision
from build_support.static import Workshop
from build_support.target import Target, host_target
from build_support.trees import BUNDLE_APP, recover_tree, remove_tree, replace_tree

#: The runtime's own source, which every bundle gets a copy of.
RUNTIME = Path(__file__).resolve().parents[1] / "src" / "djdesk_runtime"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a bundle will be. `manifest.inputs` is its digest."""

    project: Project
    target: Target
    files: tuple[SourceFile, ...]
    lock: tuple[LockedRequirement, ...]
    interpreter: Interpreter
    manifest: Manifest


def make_plan(
    project: Project, target: Target, wish: Wish, *, cache: Cache, reporter: Reporter
) -> Plan:
    """Read and check everything that a bundle is made from, writing nothing.

    Raises ProjectError for anything wrong in the project, and what
    `interpreter.choose` raises.
    """
    lock = read_lock(project.lock)
    check_agreement(lock, project.dependencies, file=project.lock)
    joined = join(lock, read_lock(RUNTIME / "requirements.lock"))
    files = list_files(project)
    chosen = interpreter.choose(target, wish, cache=cache, reporter=reporter)
    return Plan(
        project=project,
        target=target,
        files=files,
        lock=joined,
        interpreter=chosen,
        manifest=_describe(project, target, files, joined, chosen),
    )


def is_current(plan: Plan, output: Path) -> bool:
    """Whether the bundle in `output` was made from the same inputs, and is still whole.

    Looks at the names and sizes of its files, not into them; `nox -s verify` does that.
    """
    try:
        if read_manifest(output).inputs != plan.manifest.inputs:
            return False
        entries = listing.parse_listing((output / LISTING_FILE).read_text(encoding="utf-8"))
    except (VerificationError, OSError, ValueError):
        return False
    return not listing.quick_compare(output, entries)


def make_bundle(
    plan: Plan, output: Path, wish: Wish, *, cache: Cache, reporter: Reporter, force: bool = False
) -> Manifest:
    """Make the bundle of a plan in `output`, which is replaced as a whole at the very end.

    With `force` every stage is done again, downloads excepted. A killed build leaves the
    previous bundle, and the next build removes what it left.
    """
    cache.sweep()
    with output_lock(output, reporter):
        staging = _staging(output)
        remove_tree(staging)
        recover_tree(output)
        if not force and is_current(plan, output):
            return read_manifest(output)
        parts = _make_parts(plan, wish, cache=cache, reporter=reporter, force=force)
        staging.mkdir(parents=True)
        try:
            with reporter.step("Assemble the bundle"):
                manifest = assemble_bundle(parts, plan.manifest, staging)
            replace_tree(staging, output)
        finally:
            remove_tree(staging)
    return manifest


def clean_output(output: Path, reporter: Reporter) -> None:
    """Delete a bundle and what builds left beside it."""
    if not output.exists() and not output.parent.exists():
        return
    with output_lock(output, reporter):
        remove_tree(_staging(output))
        recover_tree(output)
        remove_tree(output)


@contextmanager
def output_lock(output: Path, reporter: Reporter) -> Iterator[None]:
    """Keep two builds of the same output folder apart."""
    output.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output.with_name(f".{output.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        reporter.note(f"Another build of {output} is running; waiting for it.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _staging(output: Path) -> Path:
    return output.with_name(f".{output.name}.staging")


def _make_parts(plan: Plan, wish: Wish, *, cache: Cache, reporter: Reporter, force: bool) -> Parts:
    """Make or find every tree. Downloads come first and in this thread, so Ctrl-C ends them."""
    host = host_target()
    foreign = plan.target != host
    native, native_wish = plan.interpreter, wish
    if foreign:
        native_wish = replace(wish, choice="auto", archive=None)
        native = interpreter.choose(host, native_wish, cache=cache, reporter=reporter)
    native_source = source = interpreter.download(
        native, native_wish, cache=cache, reporter=reporter, force=force
    )
    if foreign:
        source = interpreter.download(
            plan.interpreter,
            wish,
            cache=cache,
            reporter=reporter,
            compiler_key=native.python.sha256,
            force=force,
        )
    title = f"CPython {plan.manifest.python.version} and {len(plan.lock)} packages"
    with reporter.step(f"{title} for {plan.target}"), ThreadPoolExecutor(4) as pool:
        native_tree = pool.submit(
            interpreter.build, native, native_source, compiler=None, cache=cache, force=force
        )
        compiler = Compiler(
            key=native.python.sha256,
            executable=lambda: interpreter.executable(native_tree.result(), host),
        )

        def packages(target: Target) -> Future[Path]:
            return pool.submit(
                install_packages,
                plan.lock,
                target,
                languages=plan.project.languages,
                compiler=compiler,
                cache=cache,
                force=force,
            )

        host_packages = packages(host)
        target_tree, target_packages = native_tree, host_packages
        if foreign:
            target_packages = packages(plan.target)
            target_tree = pool.submit(
                interpreter.build,
                plan.interpreter,
                source,
                compiler=compiler,
                cache=cache,
                force=force,
            )
        workshop = Workshop(compiler.executable(), host_packages.result(), RUNTIME)
        return Parts(
            project=plan.project,
            files=plan.files,
            interpreter=target_tree.result(),
            packages=target_packages.result(),
            workshop=workshop,
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
            count=sum(_applies(entry, target) for entry in lock),
        ),
        inputs="",
        files=Files(count=0, bytes=0, digest=""),
        built_with={"djdesk": __version__},
    )
    inputs = digest.of_values(
        digest.of_recipe(),
        asdict(manifest),
        render(lock),
        None if project.languages is None else [*project.languages],
        [[file.path.as_posix(), digest.of_file(file.origin)] for file in files],
        [
            [path.relative_to(RUNTIME).as_posix(), digest.of_file(path)]
            for path in sorted(RUNTIME.rglob("*"))
            if path.is_file() and path.suffix != ".pyc"
        ],
    )
    return replace(manifest, inputs=inputs)


def _applies(entry: LockedRequirement, target: Target) -> bool:
    marker = entry.requirement.marker
    return marker is None or marker.evaluate(dict(target.marker_environment))
