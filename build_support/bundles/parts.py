"""Finished trees: one part of a bundle each, put into place with as little writing as can be.

A finished tree is a folder of the cache that holds the part under its name in the bundle
(`python/`, `packages/`) and a listing of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from build_support.bundles.manifest import LISTING_FILE
from build_support.errors import BuildError
from build_support.trees.folders import copy_tree, normalise
from build_support.trees.listing import Entry, list_tree, parse_listing, write_listing


def finish_part(tree: Path) -> None:
    """Normalise what is in a tree, and write the listing of it."""
    normalise(tree)
    text = write_listing(list_tree(tree))
    (tree / LISTING_FILE).write_text(text, encoding="utf-8", newline="\n")


def place_part(
    tree: Path,
    part: PurePosixPath,
    bundle: Path,
    previous: Path | None,
    omitted: Collection[Path] = (),
) -> Sequence[Entry]:
    """Put a part of a finished tree into a bundle; return its entries of the bundle's listing.

    Files that the `previous` bundle, which is going to be replaced, has with the very same
    content and mode become links to those; the others are copied. Never links into the
    cache: whoever edits a bundle must not edit the cache. `omitted` folders of the tree are
    left out.
    """
    entries = parse_listing((tree / LISTING_FILE).read_text(encoding="utf-8"))
    if omitted:
        prefixes = tuple(f"{folder.relative_to(tree).as_posix()}/" for folder in omitted)
        entries = [entry for entry in entries if not entry.path.startswith(prefixes)]
    same: dict[Path, Path] = {}
    if previous is not None:
        unchanged = _list_part(previous, part).intersection(entries)
        same = {tree / entry.path: previous / entry.path for entry in unchanged}
    copy_tree(tree / part, bundle / part, same, omitted)
    return entries


def _list_part(bundle: Path, part: PurePosixPath) -> set[Entry]:
    """List a part of a bundle, by reading its files; nothing where that cannot be done."""
    try:
        others = {path.name for path in bundle.iterdir()} - {part.name}
        return set(list_tree(bundle, exclude=others))
    except (BuildError, OSError):
        return set()
