"""SHA-256 of files and of values: the keys of every cache."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
#: The parts of this package that decide what a bundle and its trees consist of.
_RECIPE = ("bundles", "data", "debian", "projects", "published", "target.py", "trees")
_SUFFIXES = frozenset({".json", ".lock", ".py", ".toml"})


def of_file(path: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_values(*values: object) -> str:
    """SHA-256 of JSON values (str, int, bool, None, lists and dicts of these), in hex."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def of_recipe() -> str:
    """SHA-256 of the code and data that make bundles: a change to how things are made.

    Part of every cache key, so that nothing made by an older recipe is ever reused.
    """
    parts = [_PACKAGE / part for part in _RECIPE]
    files = [path for part in parts for path in (part, *part.rglob("*"))]
    return of_values(
        [
            [path.relative_to(_PACKAGE).as_posix(), of_file(path)]
            for path in sorted(files)
            if path.suffix in _SUFFIXES
        ]
    )
