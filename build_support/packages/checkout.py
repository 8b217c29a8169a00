"""What git knows of the checkout that a package is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from build_support.projects.git import ask_git


@dataclass(frozen=True, slots=True)
class Checkout:
    """The short commit (empty where git knows none), its tags, and what is not committed."""

    commit: str
    tags: tuple[str, ...]
    changes: tuple[str, ...]


def examine_checkouts(project: Path, *others: Path) -> Checkout:
    """Look at the project's folder; changes of the other folders count as well."""
    commit = _lines(project, "rev-parse", "--short=7", "HEAD")
    tags = _lines(project, "tag", "--points-at", "HEAD")
    folders = dict.fromkeys(folder.resolve() for folder in (project, *others))
    changes = dict.fromkeys(change for folder in folders for change in _changes(folder))
    return Checkout(next(iter(commit), ""), tuple(tags), tuple(changes))


def _changes(folder: Path) -> Iterable[str]:
    """Return the names of files that were changed, and of new ones that are not ignored."""
    for line in _lines(folder, "status", "--porcelain", "--untracked-files=all", "--", "."):
        yield line[3:]


def _lines(folder: Path, *words: str) -> list[str]:
    return (ask_git(folder, *words) or "").rstrip("\n").splitlines()
