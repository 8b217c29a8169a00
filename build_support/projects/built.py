"""Files that were built, that git therefore ignores, and that the application reads.

Translations are compiled (`.po` to `.mo`), front ends are bundled into folders of static files.
What is in a shipped folder of static files, templates or translations is there to be read:
if git ignores it, it is named, with the line that ships it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from build_support.lists import listed

_READ_FOLDERS = frozenset({"fixtures", "jinja2", "locale", "static", "templates"})
_CATALOGUES = "LC_MESSAGES"
#: What builds write beside their results, and nobody reads at run time.
_BY_PRODUCTS = frozenset({".map", ".tmp", ".bak", ".orig", ".swp", ".tsbuildinfo"})
_SHOWN = 20


@dataclass(slots=True)
class BuiltFiles:
    """Collects, while a project's folders are gone through, what may have been built."""

    root: Path
    ignored: list[PurePosixPath] = field(default_factory=list)

    def note_ignored(self, path: PurePosixPath) -> None:
        """Remember a file or folder that git ignores, if the application may read it."""
        if not _READ_FOLDERS.intersection(path.parts[:-1]) or path.suffix in _BY_PRODUCTS:
            return
        origin = self.root / path
        if origin.is_dir() and not any(file.is_file() for file in origin.rglob("*")):
            return
        self.ignored.append(path)

    def unshipped(self, shipped: Collection[PurePosixPath]) -> list[PurePosixPath]:
        """Return what is ignored and not shipped after all; many files by their folder."""
        whole = frozenset(shipped).union(*(path.parents for path in shipped))
        left = [path for path in self.ignored if path not in whole]
        return sorted(dict.fromkeys(_folder_of(path, left) for path in left))


def uncompiled(root: Path, shipped: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Return the shipped sources of translations of which no compiled form is there."""
    return [
        path
        for path in shipped
        if path.suffix == ".po"
        and path.parent.name == _CATALOGUES
        and not (root / path).with_suffix(".mo").exists()
    ]


def warn_of_built(
    ignored: Sequence[PurePosixPath],
    not_compiled: Sequence[PurePosixPath],
    line: Callable[[Sequence[PurePosixPath]], str],
    warn: Callable[[str], None],
) -> None:
    """Warn of both; `line` returns the line of [tool.djdesk] that ships ignored paths."""
    if ignored:
        warn(
            "Git ignores these files, so they are not in the bundle:\n"
            f"{listed(ignored, most=_SHOWN)}\n"
            f"If the application reads them, write into [tool.djdesk]:\n{line(ignored)}"
        )
    if not_compiled:
        warn(
            "These translations are not compiled and have no effect:\n"
            f"{listed(not_compiled, most=_SHOWN)}\n"
            "Compile them in the project: python manage.py compilemessages"
        )


def _folder_of(path: PurePosixPath, ignored: Sequence[PurePosixPath]) -> PurePosixPath:
    """Return the folder of translations for a compiled one, and for one of many files theirs."""
    if path.suffix == ".mo" and "locale" in path.parts:
        index = path.parts.index("locale")
        return PurePosixPath(*path.parts[: index + 1])
    siblings = sum(other.parent == path.parent for other in ignored)
    few = 5
    return path.parent if siblings > few else path
