"""Stage: finished trees, project, static files and launcher become one folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from build_support.bundles.manifest import (
    DESCRIBING_FILES,
    LISTING_FILE,
    Files,
    Manifest,
    write_manifest,
)
from build_support.bundles.runtime import copy_runtime
from build_support.bundles.static import Workshop, collect_static
from build_support.projects.files import SourceFile
from build_support.projects.project import Project
from build_support.trees import listing
from build_support.trees.bytecode import compile_trees
from build_support.trees.folders import (
    BUNDLE_APP,
    BUNDLE_PACKAGES,
    BUNDLE_PYTHON,
    BUNDLE_STATIC,
    copy_tree,
    normalise,
    normalise_level,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a bundle is put together from.

    `interpreter` holds `python/`; `packages` are the target's; `workshop` is what this
    machine collects static files with, and compiles with.
    """

    project: Project
    files: Sequence[SourceFile]
    interpreter: Path
    packages: Path
    workshop: Workshop


def assemble_bundle(parts: Parts, manifest: Manifest, staging: Path, *, scratch: Path) -> Manifest:
    """Fill an empty folder with a bundle, and return its manifest with `files` filled in.

    `scratch` is another empty folder, for passing use. Raises ProjectError for a syntax
    error in the project's source or a failing collectstatic.
    """
    app = staging / BUNDLE_APP
    _copy_project(parts.files, app)
    with ThreadPoolExecutor(1) as pool:
        copied = pool.submit(_copy_trees, parts, staging)
        # First, because it names the line of a syntax error that Django would stumble over.
        compile_trees(parts.workshop.executable, [(app, BUNDLE_APP)], strict=True)
        collect_static(
            parts.project,
            manifest,
            app,
            staging / BUNDLE_STATIC,
            workshop=parts.workshop,
            scratch=scratch,
        )
        normalise(app)
        normalise(staging / BUNDLE_STATIC)
        copied.result()
    return _describe(manifest, staging)


def _copy_trees(parts: Parts, staging: Path) -> None:
    copy_tree(parts.interpreter / BUNDLE_PYTHON, staging / BUNDLE_PYTHON)
    packages = staging / BUNDLE_PACKAGES
    copy_tree(parts.packages, packages)
    runtime = copy_runtime(staging, packages)
    compile_trees(
        parts.workshop.executable, [(runtime, BUNDLE_PACKAGES / runtime.name)], strict=True
    )
    normalise(runtime)
    normalise_level(packages)


def _copy_project(files: Sequence[SourceFile], app: Path) -> None:
    for file in files:
        destination = app / file.path
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.origin, destination)


def _describe(manifest: Manifest, staging: Path) -> Manifest:
    normalise_level(staging)
    entries = listing.list_tree(staging, exclude=DESCRIBING_FILES)
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
