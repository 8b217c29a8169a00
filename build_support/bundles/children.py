"""What lets children of a bundle's interpreter import what their parent can: a path file.

Its own cached tree has none of it: this is about one bundle.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from build_support.bundles.manifest import Manifest
from build_support.bundles.runtime import PATHS_FILE, RUNTIME
from build_support.target import TARGETS
from build_support.trees import listing
from build_support.trees.bytecode import compile_trees
from build_support.trees.folders import (
    BUNDLE_PACKAGES,
    BUNDLE_PYTHON,
    normalise,
    normalise_level,
)
from build_support.trees.listing import Entry

PATH_FILE = "djdesk.pth"
#: Where `site` looks in the standard library's folder: Debian's has a name of its own for it.
_SITE_FOLDERS = {"debian": "dist-packages"}
_SITE_FOLDER = "site-packages"


def site_folder(manifest: Manifest) -> PurePosixPath:
    """Return the folder of a bundle whose path files its interpreter reads at every start."""
    library = BUNDLE_PYTHON / TARGETS[manifest.target].layout.standard_library
    return library / _SITE_FOLDERS.get(manifest.python.provider, _SITE_FOLDER)


def path_file(manifest: Manifest) -> str:
    """Return the text of the path file: the project's folders, then the packages, as its parent.

    All relative: a bundle may be moved.
    """
    folder = site_folder(manifest)
    lines = [_relative(root, folder) for root in manifest.source_roots]
    packages = _relative(BUNDLE_PACKAGES.as_posix(), folder)
    module = Path(PATHS_FILE).stem
    # Before the first import: the bundle is sealed.
    unwritten = "import sys; sys.dont_write_bytecode = True"
    lines.append(f"{unwritten}; import {module}; {module}.add_packages({packages!r})")
    return "".join(f"{line}\n" for line in lines)


def let_children_import(bundle: Path, manifest: Manifest, compiler: Path) -> Sequence[Entry]:
    """Write the path file and its module into a bundle that has its interpreter.

    Returns their entries of the bundle's listing. Raises what `compile_trees` raises.
    """
    place = site_folder(manifest)
    folder = bundle / place
    folder.mkdir()
    (folder / PATH_FILE).write_text(path_file(manifest), encoding="utf-8", newline="\n")
    shutil.copyfile(RUNTIME / PATHS_FILE, folder / PATHS_FILE)
    compile_trees(compiler, [(folder, place)], strict=True)
    normalise(folder)
    normalise_level(folder.parent)
    return [replace(entry, path=f"{place}/{entry.path}") for entry in listing.list_tree(folder)]


def _relative(path: str, folder: PurePosixPath) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
