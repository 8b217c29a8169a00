"""A signed bundle describes itself anew: signing changes the files that it lists.

What is signed is a copy of the bundle, so that the bundle stays what it was built as, and the
next build of the same inputs still finds it unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from build_support.bundles.manifest import (
    DESCRIBING_FILES,
    LISTING_FILE,
    Files,
    read_manifest,
    write_manifest,
)
from build_support.trees import listing
from build_support.trees.folders import copy_tree, normalise, remove_tree


def sign_copy(bundle: Path, copy: Path, sign: Callable[[Path], int]) -> int:
    """Copy a bundle, sign the copy with `sign`, and return what that returned.

    A copy that is there is replaced. Its modes and times are those of a bundle again, and its
    listing and manifest are of the signed files. Raises what `sign` raises; there is no copy
    then.
    """
    remove_tree(copy)
    try:
        copy_tree(bundle, copy)
        count = sign(copy)
        normalise(copy)
        reseal(copy)
    except BaseException:
        remove_tree(copy)
        raise
    return count


def reseal(bundle: Path) -> None:
    """Write the listing and the manifest of a bundle for the files that are in it now."""
    entries = listing.list_tree(bundle, exclude=DESCRIBING_FILES)
    text = listing.write_listing(entries)
    (bundle / LISTING_FILE).write_text(text, encoding="utf-8", newline="\n")
    files = Files(
        count=len(entries),
        bytes=sum(entry.size for entry in entries),
        digest=listing.digest(text),
    )
    write_manifest(replace(read_manifest(bundle), files=files), bundle)
    normalise(bundle)
