"""How long builds take: unchanged, with one file changed, all of it, and where nothing answers.

Every function does its work once on a workbench and returns seconds.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from build_support import debian, digest
from build_support.bench.workbench import NotMeasurableError, Workbench, seconds
from build_support.bundles import bundle, interpreter
from build_support.bundles.interpreter import Choice
from build_support.bundles.packages import find_uv, uv_options
from build_support.cache import Cache
from build_support.debian.tree import assemble
from build_support.processes import run
from build_support.projects.files import list_files
from build_support.projects.project import load_project
from build_support.projects.requirements import render
from build_support.trees.archive import extract
from build_support.trees.folders import BUNDLE_PYTHON, remove_tree

_DEAD_SOURCES = 2


def unchanged(bench: Workbench) -> float:
    """Find out that the bundle is current."""
    _make_current(bench, bench.root, bench.bundle)

    def look() -> None:
        if not bundle.is_current(bench.plan(bench.root), bench.bundle):
            raise NotMeasurableError(
                "The bundle was not current.", why="The project was changed meanwhile."
            )

    return seconds(look)


def git_status(bench: Workbench) -> float:
    """Let git find out what changed in the same project."""
    git = shutil.which("git")
    if git is None:
        raise NotMeasurableError("There is no git.")
    command = [git, "-C", str(bench.root), "status", "--porcelain"]

    def ask() -> None:
        finished = subprocess.run(command, capture_output=True, check=False)
        if finished.returncode != 0:
            raise NotMeasurableError("The project is not in a git checkout.")

    return seconds(ask)


def one_file_changed(bench: Workbench) -> float:
    """Change one source file, and build."""
    _make_current(bench, bench.copy, bench.copy_bundle)
    change_a_file(bench.copy)
    return seconds(lambda: bench.make(bench.copy, bench.copy_bundle))


def change_a_file(root: Path) -> Path:
    """Add a comment to the first module of a project's own package that is not a marker."""
    project = load_project(root)
    package = root / project.source_root / project.settings_module.partition(".")[0]
    sources = (file.origin for file in list_files(project) if file.origin.suffix == ".py")
    module = next(
        path for path in sources if path.is_relative_to(package) and path.name != "__init__.py"
    )
    with module.open("a", encoding="utf-8") as stream:
        stream.write("# One more line.\n")
    return module


def everything(bench: Workbench) -> float:
    """Build with nothing but the downloads."""
    _forget_recipe()
    return seconds(lambda: bench.make(bench.copy, bench.copy_bundle, force=True))


def plain_environment(bench: Workbench) -> float:
    """Unpack the same interpreter, and let uv install the same packages for it."""
    folder = plain_folder(bench)
    remove_tree(folder)
    return seconds(lambda: _make_plain(bench, folder))


def plain_folder(bench: Workbench) -> Path:
    """Where `plain_environment` leaves what it made."""
    return bench.folder / "plain"


def _make_plain(bench: Workbench, folder: Path) -> None:
    folder.mkdir()
    if bench.downloads.is_dir():
        assemble(bench.downloads, folder, bench.target)
    else:
        extract(bench.downloads, folder, skipped=())
    lock = folder.with_suffix(".lock")
    lock.write_text(render(bench.plan(bench.root).lock), encoding="utf-8")
    python = folder / BUNDLE_PYTHON / bench.target.layout.executable
    environment = folder / "environment"
    uv = find_uv()
    doing = "Making a plain environment"
    run([uv, "venv", *uv_options(python), environment], doing=doing)
    install: list[str | Path] = [uv, "pip", "install", *uv_options(environment)]
    install += ["--compile-bytecode", "--link-mode", "copy", "--no-deps"]
    run([*install, "--require-hashes", "--requirement", lock], doing=doing)


def fall_back(bench: Workbench) -> float:
    """Fetch an interpreter into an empty cache, where every source lets the caller wait."""
    return _fetch_debian(bench, "auto")


def no_fall_back(bench: Workbench) -> float:
    """Fetch the same interpreter without asking any source first."""
    return _fetch_debian(bench, "debian")


def _fetch_debian(bench: Workbench, choice: Choice) -> float:
    if reason := debian.host_supports():
        raise NotMeasurableError("Option B is not possible here.", why=reason)
    cache = Cache(bench.folder / "empty")
    with _silent_sources(_DEAD_SOURCES) as sources:
        pins = replace(bench.wish.pins, sources=sources)
        wish = replace(bench.wish, pins=pins, choice=choice, environment={})

        def fetch() -> None:
            chosen = interpreter.choose(bench.target, wish, cache=cache, reporter=bench.silent)
            interpreter.download(chosen, wish, cache=cache, reporter=bench.silent)

        try:
            return seconds(fetch)
        finally:
            remove_tree(cache.root)


@contextmanager
def _silent_sources(count: int) -> Iterator[tuple[str, ...]]:
    """Yield addresses that are connected to and then never say a word.

    Waiting for them takes as long as is ever waited. Addresses elsewhere could not be
    relied on: some networks answer for every address, also for those that nobody has.
    """
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
        yield tuple(
            f"https://127.0.0.1:{listener.getsockname()[1]}/releases" for listener in listeners
        )


def _make_current(bench: Workbench, root: Path, output: Path) -> None:
    """Do nothing, unless somebody works on the project or the recipe while it is measured."""
    _forget_recipe()
    bench.make(root, output)
    _forget_recipe()


def _forget_recipe() -> None:
    """Let the recipe be read again, as a new process has to."""
    digest.of_recipe.cache_clear()
