"""Where `bench` works: a folder with a cache, a copy of the project and bundles of its own.

Nothing of the user's is changed: the downloads are copied from the cache, and everything
else is made anew.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from build_support.bundles import interpreter
from build_support.bundles.bundle import Plan, make_bundle, make_plan
from build_support.bundles.interpreter import Wish
from build_support.bundles.manifest import Manifest
from build_support.cache import Cache, open_cache
from build_support.errors import BuildError
from build_support.projects.files import list_files
from build_support.projects.project import Project, load_project
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import Target, host_target
from build_support.trees.folders import remove_tree

BUNDLE_FOLDER = "django-bundle"


class NotMeasurableError(BuildError):
    """A figure that cannot be taken on this machine."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """What measurements work with.

    `root` is the project and `bundle` its bundle; `copy` is a copy of the project that may
    be changed, `copy_bundle` that one's. `downloads` is what the interpreter is made from.
    """

    folder: Path
    root: Path
    cache: Cache
    downloads: Path
    wish: Wish
    target: Target
    silent: Reporter

    @property
    def bundle(self) -> Path:
        """The bundle of the project itself."""
        return self.folder / "bundle" / BUNDLE_FOLDER

    @property
    def copy(self) -> Path:
        """The copy of the project."""
        return self.folder / "project"

    @property
    def copy_bundle(self) -> Path:
        """The bundle of the copy."""
        return self.folder / "copy" / BUNDLE_FOLDER

    def make(self, root: Path, output: Path, *, force: bool = False) -> Manifest:
        """Make a bundle as the session does, with this workbench's cache."""
        return make_bundle(
            self.plan(root),
            output,
            self.wish,
            cache=self.cache,
            reporter=self.silent,
            force=force,
        )

    def plan(self, root: Path) -> Plan:
        """Read a project and plan its bundle."""
        return make_plan(
            load_project(root), self.target, self.wish, cache=self.cache, reporter=self.silent
        )


@contextmanager
def open_workbench(root: Path, reporter: Reporter) -> Iterator[Workbench]:
    """Yield a workbench whose two bundles are made, and delete it at the end.

    Raises what making a bundle raises.
    """
    wish = Wish(
        pins=load_pins(),
        choice="auto",
        archive=None,
        release=False,
        refresh=False,
        environment=dict(os.environ),
    )
    target = host_target()
    shared = open_cache()
    chosen = interpreter.choose(target, wish, cache=shared, reporter=reporter)
    # Forced, because a finished tree in the cache needs no download, and here one is wanted.
    source = interpreter.download(chosen, wish, cache=shared, reporter=reporter, force=True)
    if source is None:
        raise BuildError("The interpreter's download is not in the cache.", hint="Run it again.")
    folder = Path(tempfile.mkdtemp(prefix="djdesk-bench-"))
    try:
        own = Cache(folder / "cache")
        with reporter.step("Copy the downloads and the project"):
            downloads = take_download(source, shared, own)
            copy_project(load_project(root), folder / "project")
        bench = Workbench(folder, root, own, downloads, wish, target, Reporter(quiet=True))
        with reporter.step("Make the bundles to be measured"):
            bench.make(bench.root, bench.bundle)
            bench.make(bench.copy, bench.copy_bundle)
        yield bench
    finally:
        remove_tree(folder)


def take_download(source: Path, origin: Cache, own: Cache) -> Path:
    """Copy a download, and what is known about sources and packages, into another cache."""
    place = own.root / source.relative_to(origin.root)
    place.parent.mkdir(parents=True)
    if source.is_dir():
        shutil.copytree(source, place)
    else:
        shutil.copy2(source, place)
    for record in (origin.root / "debian").glob("*"):
        if record.is_file() and record.suffix != ".lock":
            (own.root / "debian").mkdir(exist_ok=True)
            shutil.copy2(record, own.root / "debian" / record.name)
    return place


def copy_project(project: Project, folder: Path) -> None:
    """Copy what of a project a bundle is made from."""
    described = (project.root / "pyproject.toml", project.lock)
    for origin in (*described, *(file.origin for file in list_files(project))):
        place = folder / origin.relative_to(project.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, place)


def seconds(work: Callable[[], object]) -> float:
    """Do some work, and return how long it took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
