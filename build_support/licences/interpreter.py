"""The interpreter of a bundle: CPython and the libraries that are compiled into it.

Option B carries its packages' own copyright files. python-build-standalone's archives of the
kind that is shipped carry CPython's licence alone, so the texts of the libraries are kept
here, for what its docs/running.rst and pythonbuild/downloads.py say is in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT
from build_support.bundles.manifest import Python
from build_support.errors import VerificationError
from build_support.licences.parts import Notice, Part
from build_support.target import System, Target
from build_support.trees.folders import BUNDLE_PYTHON

TEXTS = ROOT / "build_support" / "data" / "licences"
_HOMEPAGE = "https://www.python.org/"
#: Where CPython's own licence lies on each system.
_LICENCE_FILE = "LICENSE.txt"

_EVERYWHERE: tuple[System, ...] = ("linux", "macos", "windows")
_POSIX: tuple[System, ...] = ("linux", "macos")


@dataclass(frozen=True, slots=True)
class Library:
    """A library inside python-build-standalone's CPython; its text is `<name>.txt`."""

    name: str
    licence: str
    homepage: str
    systems: tuple[System, ...] = _EVERYWHERE


LIBRARIES = (
    Library("bzip2", "bzip2-1.0.6", "https://sourceware.org/bzip2/"),
    Library("expat", "MIT", "https://libexpat.github.io/"),
    Library("libedit", "BSD-3-Clause", "https://thrysoee.dk/editline/", _POSIX),
    Library("libffi", "MIT", "https://sourceware.org/libffi/"),
    Library("libuuid", "BSD-3-Clause", "https://github.com/util-linux/util-linux", ("linux",)),
    Library("mimalloc", "MIT", "https://github.com/microsoft/mimalloc"),
    Library("mpdecimal", "BSD-2-Clause", "https://www.bytereef.org/mpdecimal/"),
    Library("ncurses", "X11", "https://invisible-island.net/ncurses/", _POSIX),
    Library("openssl", "Apache-2.0", "https://www.openssl.org/"),
    Library("sqlite", "blessing", "https://sqlite.org/"),
    Library("vcruntime", "Microsoft Visual C++ Runtime", "https://microsoft.com/", ("windows",)),
    Library("xz", "0BSD", "https://tukaani.org/xz/"),
    Library("zlib", "Zlib", "https://zlib.net/", _POSIX),
    Library("zlib-ng", "Zlib", "https://github.com/zlib-ng/zlib-ng", ("windows",)),
    Library("zstd", "BSD-3-Clause", "https://facebook.github.io/zstd/"),
)


def interpreter_parts(bundle: Path, python: Python, target: Target) -> Sequence[Part]:
    """Return CPython, then the libraries that come with it, in the order of their names.

    Raises VerificationError when CPython's own licence is not in the bundle.
    """
    folder = bundle / BUNDLE_PYTHON
    notices = (
        Notice(_LICENCE_FILE, _own_licence(folder, target)),
        Notice("incorporated software", _text("cpython")),
    )
    itself = Part("CPython", python.version, "PSF-2.0", _HOMEPAGE, notices)
    packages = list(_debian_parts(folder))
    return (itself, *(packages or _published_parts(target)))


def _own_licence(folder: Path, target: Target) -> str:
    for place in (folder / target.layout.standard_library, folder):
        if (file := place / _LICENCE_FILE).is_file():
            return file.read_text(encoding="utf-8", errors="replace")
    raise VerificationError(
        f"CPython's licence is not in {folder}.",
        why="Nobody may pass CPython on without it.",
        hint="Make the bundle again: nox -s bundle -- --force",
    )


def _debian_parts(folder: Path) -> Iterator[Part]:
    for file in sorted((folder / "share" / "doc").glob("*/copyright")):
        notice = Notice("copyright", file.read_text(encoding="utf-8", errors="replace"))
        yield Part(file.parent.name, "", "", "", (notice,))


def _published_parts(target: Target) -> Iterator[Part]:
    for library in LIBRARIES:
        if target.system in library.systems:
            notice = Notice("LICENSE", _text(library.name))
            yield Part(library.name, "", library.licence, library.homepage, (notice,))


def _text(name: str) -> str:
    return (TEXTS / f"{name}.txt").read_text(encoding="utf-8")
