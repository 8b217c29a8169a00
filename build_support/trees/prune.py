"""Remove from an interpreter, and from installed packages, what no application needs.

What goes is said by the tables of `prune_rules`; this module only follows them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from build_support.target import Target
from build_support.trees.binaries import needed_libraries
from build_support.trees.folders import remove_tree
from build_support.trees.languages import kept_locales, locale_of
from build_support.trees.prune_evidence import find_superfluous
from build_support.trees.prune_rules import (
    KEPT_FOLDERS,
    LOCALE_FOLDERS,
    PACKAGE_RULES,
    Rule,
    interpreter_rules,
    matcher,
)


def prune_interpreter(python: Path, target: Target) -> None:
    """Prune the tree `python`, which has the layout of an install_only archive.

    A library that is superfluous only if nothing is linked with it is kept while anything
    that remains is. Links that lead nowhere or out of the tree, and empty folders, go as well.
    Raises ArchiveError when a native file is damaged.
    """
    rules = interpreter_rules(target.system)
    _remove(_matching(python, [rule for rule in rules if not rule.unless_linked]))
    _remove_unlinked(python, [rule for rule in rules if rule.unless_linked])
    _remove_dead_links(python)
    _remove_empty_folders(python, kept={python / folder for folder in KEPT_FOLDERS})


def prune_packages(packages: Path, languages: Sequence[str] | None) -> None:
    """Prune a folder of installed packages.

    `languages` are the codes that the project names (`pt-br`, `zh-hans`): Django's own
    translations to others are removed, never English. None keeps all languages.
    RECORD files are left as they are. Raises ProjectError for one that cannot be read.
    """
    _remove(find_superfluous(packages))
    _remove(_matching(packages, PACKAGE_RULES))
    if languages is not None:
        _remove(_other_locales(packages, kept_locales(languages)))
    _remove_empty_folders(packages, kept=set())


def _matching(root: Path, rules: Sequence[Rule]) -> Iterator[Path]:
    """Find what the rules name; of a folder only itself and nothing below it."""
    matches = matcher(rules)
    for folder, folders, files in os.walk(root):
        prefix = Path(folder).relative_to(root)
        found = [name for name in (*folders, *files) if matches((prefix / name).as_posix())]
        folders[:] = [name for name in folders if name not in found]
        yield from (Path(folder) / name for name in found)


def _remove_unlinked(python: Path, rules: Sequence[Rule]) -> None:
    """Remove each rule's libraries together, unless something else is linked with one."""
    for rule in rules:
        libraries = list(_matching(python, [rule]))
        names = {library.name.lower() for library in libraries}
        if libraries and not names & needed_libraries(python, besides=libraries).keys():
            _remove(libraries)


def _other_locales(packages: Path, kept: frozenset[str]) -> Iterator[Path]:
    for pattern in LOCALE_FOLDERS:
        for folder in packages.glob(pattern):
            for locale in folder.iterdir():
                if locale.is_dir() and locale_of(locale.name) not in kept:
                    yield locale


def _remove_dead_links(root: Path) -> None:
    inside = root.resolve()
    for folder, folders, files in os.walk(root):
        for path in (Path(folder) / name for name in (*folders, *files)):
            if path.is_symlink() and not (path.exists() and path.resolve().is_relative_to(inside)):
                path.unlink()


def _remove_empty_folders(root: Path, kept: set[Path]) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        path = Path(folder)
        if path != root and path not in kept and not any(path.iterdir()):
            path.rmdir()


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        if path.is_dir() and not path.is_symlink():
            remove_tree(path)
        else:
            path.unlink()
