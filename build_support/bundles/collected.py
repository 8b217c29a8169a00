"""Packages without Django's own static files, which a bundle has in `static/` already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from build_support.bundles.parts import place_part
from build_support.trees import listing
from build_support.trees.folders import BUNDLE_PACKAGES, normalise
from build_support.trees.listing import Entry
from build_support.trees.records import read_records, write_record

_COLLECTED = "django/contrib/*/static"


def place_packages(tree: Path, bundle: Path, previous: Path | None) -> Sequence[Entry]:
    """Put a finished tree of packages into a bundle; return its entries of the bundle's listing.

    collectstatic copies the static files of Django's installed applications from the tree, and
    a bundle serves the copies: it gets no others, and RECORD does not name them. Static files of
    other packages are there twice: their code may well read them where they are.
    """
    omitted = list((tree / BUNDLE_PACKAGES).glob(_COLLECTED))
    entries = place_part(tree, BUNDLE_PACKAGES, bundle, previous, omitted)
    if not omitted:
        return entries
    packages = bundle / BUNDLE_PACKAGES
    gone = tuple(f"{path.relative_to(tree / BUNDLE_PACKAGES).as_posix()}/" for path in omitted)
    rewritten: dict[str, Entry] = {}
    for info, rows in read_records(packages).items():
        left = [row for row in rows if not row.path.startswith(gone)]
        if len(left) < len(rows):
            write_record(packages, info, left)
            normalise(packages / info)
            rewritten[f"{BUNDLE_PACKAGES}/{info}/RECORD"] = _entry(packages / info)
    return [rewritten.get(entry.path, entry) for entry in entries]


def _entry(info: Path) -> Entry:
    found = next(entry for entry in listing.list_tree(info) if entry.path == "RECORD")
    return Entry(found.mode, found.size, found.content, f"{BUNDLE_PACKAGES}/{info.name}/RECORD")
