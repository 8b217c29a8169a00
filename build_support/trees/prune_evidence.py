"""Files of packages that nobody reads at run time, known by what is beside them.

A file goes only if what was made from it is there, and if the distribution that it belongs to
does not name its kind anywhere in its own code. A header or a text file has nothing beside it that
would tell, so those of unknown packages stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.utils import canonicalize_name

from build_support.trees.records import is_inside, read_records

_EXTENSION_MODULE = re.compile(r"\.(so|pyd)")


@dataclass(frozen=True, slots=True)
class SourceKind:
    """Files with these suffixes, `made` from which something must be beside them.

    `readers` are distributions that read such files of others: where one is installed, all stay.
    """

    suffixes: tuple[str, ...]
    made: Callable[[PurePosixPath, Collection[str]], bool]
    readers: frozenset[str]


def _has_catalogue(path: PurePosixPath, beside: Collection[str]) -> bool:
    return f"{path.stem}.mo" in beside


def _has_module(path: PurePosixPath, beside: Collection[str]) -> bool:
    return f"{path.stem}.py" in beside or _has_extension(path, beside)


def _has_extension(path: PurePosixPath, beside: Collection[str]) -> bool:
    start = f"{path.stem}."
    return any(name.startswith(start) and _EXTENSION_MODULE.search(name) for name in beside)


KINDS = (
    # Sources of translations, of which the .mo is read.
    SourceKind(
        (".po",), _has_catalogue, frozenset({"django-rosetta", "polib", "translate-toolkit"})
    ),
    # For type checkers; `attach_stub` of lazy-loader reads those of the module that calls it.
    SourceKind((".pyi",), _has_module, frozenset({"jedi", "mypy", "pyright", "basedpyright"})),
    # Sources of compiled modules.
    SourceKind(
        (".c", ".cc", ".cpp", ".cxx", ".pyx"),
        _has_extension,
        frozenset({"cython", "cffi", "numba", "pythran", "setuptools"}),
    ),
)
#: How code names a kind of files besides by its suffix.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {".pyi": ("attach_stub", "lazy_loader")}


def find_superfluous(packages: Path) -> Iterator[Path]:
    """Yield the files that go, one distribution after another."""
    records = read_records(packages)
    installed = {canonicalize_name(info.partition("-")[0]) for info in records}
    kinds = [kind for kind in KINDS if not kind.readers & installed]
    folders: dict[Path, frozenset[str]] = {}

    def is_superfluous(path: PurePosixPath, kind: SourceKind) -> bool:
        if path.suffix not in kind.suffixes or not (packages / path).is_file():
            return False
        folder = (packages / path).parent
        if folder not in folders:
            folders[folder] = frozenset(entry.name for entry in folder.iterdir())
        return kind.made(path, folders[folder])

    for rows in records.values():
        paths = [PurePosixPath(row.path) for row in rows if is_inside(row.path)]
        code: list[str] = []
        for kind in kinds:
            found = [path for path in paths if is_superfluous(path, kind)]
            if found and not code:
                code = [_read(packages / path) for path in paths if path.suffix == ".py"]
            for suffix in kind.suffixes:
                named = [path for path in found if path.suffix == suffix]
                if named and not names_suffix(code, suffix):
                    yield from (packages / path for path in named)


def names_suffix(code: Sequence[str], suffix: str) -> bool:
    """Whether a string in some source code ends in a suffix, or in the word without its dot."""
    word = re.escape(suffix.removeprefix("."))
    ends = re.compile(rf"""["'][^"'\n]*\.{word}["']|["']{word}["']""")
    others = _OTHER_NAMES.get(suffix, ())
    return any(ends.search(text) or any(name in text for name in others) for text in code)


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
