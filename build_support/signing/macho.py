"""Which files macOS wants signed: programs and libraries in Mach-O format, known by content.

Names tell nothing: extension modules end in .so, programs in nothing at all, and Java classes
start with the same four bytes as universal files. Sources: Apple's mach-o/loader.h, fat.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

Kind = Literal["library", "program"]

# Magic number as it lies in the file: byte order of the header's other numbers.
_THIN: Mapping[bytes, str] = {
    b"\xfe\xed\xfa\xce": ">",
    b"\xce\xfa\xed\xfe": "<",
    b"\xfe\xed\xfa\xcf": ">",
    b"\xcf\xfa\xed\xfe": "<",
}
# The same, and the layout of one slice: processor (two numbers), offset, size and more.
_FAT: Mapping[bytes, tuple[str, str]] = {
    b"\xca\xfe\xba\xbe": (">", "IIIII"),
    b"\xbe\xba\xfe\xca": ("<", "IIIII"),
    b"\xca\xfe\xba\xbf": (">", "IIQQII"),
    b"\xbf\xba\xfe\xca": ("<", "IIQQII"),
}
#: In a Java class this number is its version, which is 45 or more.
_MOST_SLICES = 44
_LARGEST_OFFSET = 1 << 40

# MH_EXECUTE; MH_FVMLIB, MH_DYLIB, MH_DYLINKER, MH_BUNDLE. Object files (1), core dumps (4) and
# debugging symbols (10) are not signed.
_KINDS: Mapping[int, Kind] = {
    2: "program",
    3: "library",
    6: "library",
    7: "library",
    8: "library",
}
_NESTED = frozenset({".app", ".framework", ".bundle", ".xpc", ".plugin", ".appex"})


@dataclass(frozen=True, slots=True)
class Signable:
    """A file that has to be signed. Only programs get entitlements: libraries inherit them."""

    path: Path
    kind: Kind


@dataclass(frozen=True, slots=True)
class Plan:
    """What is signed in a folder, inside out: libraries, then programs, then nested bundles.

    Libraries are independent of each other, and so are programs. `nested` are folders such as
    frameworks, the innermost first; each seals what lies inside it.
    """

    libraries: tuple[Path, ...]
    programs: tuple[Path, ...]
    nested: tuple[Path, ...]


def plan_signing(folder: Path) -> Plan:
    """Find everything below a folder that has to be signed. Links are left alone."""
    found = sorted(find_signable(folder), key=lambda each: each.path)
    nested = [
        path
        for path in folder.rglob("*")
        if path.suffix in _NESTED and path.is_dir() and not path.is_symlink() and _is_sealed(path)
    ]
    return Plan(
        libraries=tuple(each.path for each in found if each.kind == "library"),
        programs=tuple(each.path for each in found if each.kind == "program"),
        nested=tuple(sorted(nested, key=lambda path: (-len(path.parts), path))),
    )


def find_signable(folder: Path) -> Iterator[Signable]:
    """Yield all Mach-O programs and libraries below a folder."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and (kind := kind_of(path)):
            yield Signable(path, kind)


def kind_of(path: Path) -> Kind | None:
    """Tell what a file is to macOS's code signing; None when it is not signed."""
    with path.open("rb") as stream:
        magic = stream.read(4)
        if magic in _THIN:
            return _kind_at(stream, 0)
        if magic in _FAT:
            return _kind_of_slices(stream, magic)
    return None


def _kind_of_slices(stream: BinaryIO, magic: bytes) -> Kind | None:
    """Look at every slice. All of them are Mach-O, or else it is something else altogether."""
    order, layout = _FAT[magic]
    count = _numbers(stream, 4, f"{order}I")
    if not count or not 0 < count[0] <= _MOST_SLICES:
        return None
    size = struct.calcsize(f"{order}{layout}")
    kinds = set[Kind | None]()
    for index in range(count[0]):
        piece = _numbers(stream, 8 + index * size, f"{order}{layout}")
        kinds.add(_kind_at(stream, piece[2]) if piece else None)
    return kinds.pop() if len(kinds) == 1 else None


def _kind_at(stream: BinaryIO, offset: int) -> Kind | None:
    if offset > _LARGEST_OFFSET:
        return None
    stream.seek(offset)
    order = _THIN.get(stream.read(4))
    kind = _numbers(stream, offset + 12, f"{order}I") if order else ()
    return _KINDS.get(kind[0]) if kind else None


def _numbers(stream: BinaryIO, offset: int, layout: str) -> tuple[int, ...]:
    """Return the numbers at a place, or none where the file ends before."""
    stream.seek(offset)
    data = stream.read(struct.calcsize(layout))
    return struct.unpack(layout, data) if len(data) == struct.calcsize(layout) else ()


def _is_sealed(folder: Path) -> bool:
    """Whether a folder is a bundle in macOS's sense: it has a property list."""
    places = ("Info.plist", "Contents/Info.plist", "Resources/Info.plist")
    return any((folder / place).is_file() for place in places)
