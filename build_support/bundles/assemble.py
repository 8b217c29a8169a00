"""Stage: finished trees, project, static files and launcher become one folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from build_support.bundles.children import let_children_import
from build_support.bundles.collected import place_packages
from build_support.bundles.manifest import (
    DESCRIBING_FILES,
    LISTING_FILE,
    Files,
    Manifest,
    write_manifest,
)
from build_support.bundles.parts import place_part
from build_support.bundles.runtime import copy_runtime
from build_support.bundles.static import Workshop, collect_static
from build_support.projects.distribution import write_distribution
from build_support.projects.files import SourceFile, files_below
from build_support.projects.project import Project
from build_support.reporter import Reporter
from build_support.trees import listing
from build_support.trees.bytecode import compile_trees
from build_support.trees.folders import (
    BUNDLE_APP,
    BUNDLE_PACKAGES,
    BUNDLE_PYTHON,
    BUNDLE_STATIC,
    normalise,
    normalise_level,
    remove_empty_folders,
)
from build_support.trees.listing import Entry


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a bundle is put together from.

    `interpreter` and `packages` are the target's finished trees; `workshop` is what this
    machine collects static files with, and compiles with.
    """

    project: Project
    files: Sequence[SourceFile]
    interpreter: Path
    packages: Path
    workshop: Workshop


def assemble_bundle(
    parts: Parts,
    manifest: Manifest,
    staging: Path,
    *,
    scratch: Path,
    previous: Path | None,
    reporter: Reporter,
) -> Manifest:
    """Fill an empty folder with a bundle, and return its manifest with `files` filled in.

    `scratch` is another empty folder, for passing use; `previous` is the bundle that is
    going to be replaced, if what did not change may be taken from it. Raises ProjectError
    for a syntax
    error in the project's source or a failing collectstatic.
    """
    app = staging / BUNDLE_APP
    _copy_project(parts.files, app)
    root = parts.project.source_root
    write_distribution(parts.project, app / root, files_below(root, parts.files))
    with ThreadPoolExecutor(1) as pool:
        placed = pool.submit(_place_parts, parts, manifest, staging, previous)
        # First, because it names the line of a syntax error that Django would stumble over.
        compile_trees(parts.workshop.executable, [(app, BUNDLE_APP)], strict=True)
        shipped = frozenset(app.rglob("*"))
        collect_static(
            parts.project,
            manifest,
            app,
            staging / BUNDLE_STATIC,
            workshop=parts.workshop,
            scratch=scratch,
            reporter=reporter,
        )
        _remove_made(app, shipped)
        normalise(app)
        normalise(staging / BUNDLE_STATIC)
        entries = placed.result()
    return _describe(manifest, staging, entries)


def _remove_made(app: Path, shipped: frozenset[Path]) -> None:
    """Delete what the settings have made in the project's folder when they were imported."""
    for path in app.rglob("*"):
        if path not in shipped and (path.is_symlink() or not path.is_dir()):
            path.unlink()
    remove_empty_folders(app)


def _place_parts(
    parts: Parts, manifest: Manifest, staging: Path, previous: Path | None
) -> list[Entry]:
    """Put interpreter, packages and runtime into place; return their entries of the listing."""
    entries = [
        *place_part(parts.interpreter, BUNDLE_PYTHON, staging, previous),
        *place_packages(parts.packages, staging, previous),
        *let_children_import(staging, manifest, parts.workshop.executable),
    ]
    packages = staging / BUNDLE_PACKAGES
    runtime = copy_runtime(staging, packages)
    place = BUNDLE_PACKAGES / runtime.name
    compile_trees(parts.workshop.executable, [(runtime, place)], strict=True)
    normalise(runtime)
    normalise_level(packages)
    own = [replace(entry, path=f"{place}/{entry.path}") for entry in listing.list_tree(runtime)]
    return [*entries, *own]


def _copy_project(files: Sequence[SourceFile], app: Path) -> None:
    for file in files:
        destination = app / file.path
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.origin, destination)


def _describe(manifest: Manifest, staging: Path, known: Sequence[Entry]) -> Manifest:
    """Write the describing files; `known` are the entries of all but the project's part."""
    normalise_level(staging)
    listed = {BUNDLE_PYTHON.name, BUNDLE_PACKAGES.name, *DESCRIBING_FILES}
    entries = [*known, *listing.list_tree(staging, exclude=listed)]
    entries.sort(key=lambda entry: entry.path.encode())
    text = listing.write_listing(entries)
    (staging / LISTING_FILE).write_text(text, encoding="utf-8", newline="\n")
    files = Files(
        count=len(entries),
        bytes=sum(entry.size for entry in entries),
        digest=listing.digest(text),
    )
    complete = replace(manifest, files=files)
    write_manifest(complete, staging)
    normalise_level(staging)
    return complete
