"""Django's own static files, which a bundle has in `static/` already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from build_support.trees import listing
from build_support.trees.folders import BUNDLE_PACKAGES, normalise, remove_tree
from build_support.trees.listing import Entry
from build_support.trees.records import read_records, write_record

_COLLECTED = "django/contrib/*/static"


def drop_collected(bundle: Path, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Remove Django's own static files from a bundle's packages; return the entries that remain.

    collectstatic has copied those of installed applications, from the packages in the cache. A
    bundle serves the copies, and RECORD names what is left. Others' static files stay: their
    code may well read them where they are.
    """
    packages = bundle / BUNDLE_PACKAGES
    folders = list(packages.glob(_COLLECTED))
    if not folders:
        return entries
    for folder in folders:
        remove_tree(folder)
    gone = tuple(f"{folder.relative_to(packages).as_posix()}/" for folder in folders)
    rewritten: dict[str, Entry] = {}
    for info, rows in read_records(packages).items():
        left = [row for row in rows if not row.path.startswith(gone)]
        if len(left) < len(rows):
            write_record(packages, info, left)
            normalise(packages / info)
            rewritten |= {f"{BUNDLE_PACKAGES}/{info}/RECORD": _entry(packages / info)}
    prefixes = tuple(f"{BUNDLE_PACKAGES}/{path}" for path in gone)
    return [
        rewritten.get(entry.path, entry) for entry in entries if not entry.path.startswith(prefixes)
    ]


def _entry(info: Path) -> Entry:
    entries = listing.list_tree(info)
    found = next(entry for entry in entries if entry.path == "RECORD")
    return Entry(found.mode, found.size, found.content, f"{BUNDLE_PACKAGES}/{info.name}/RECORD")
