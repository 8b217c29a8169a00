"""What a native file is for and which shared libraries it names: ELF, Mach-O and PE.

Reads a few small pieces at known places, never the whole file, and believes no number in it
without a bound. Sources: the System V ABI (elf.h), Apple's mach-o/loader.h and fat.h,
Microsoft's "PE Format".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from build_support.errors import ArchiveError
from build_support.target import System

_LONGEST_NAME = 1024
_MOST_RECORDS = 4096
_LARGEST_TABLE = 4 * 1024 * 1024
_LARGEST_OFFSET = 1 << 40


@dataclass(frozen=True, slots=True)
class Binary:
    """A native file: its system, its processors, and the libraries it is linked with.

    `machines` holds the names that targets use (`x86_64`, `arm64`), or a hexadecimal number for
    any other processor; more than one only in a universal Mach-O. `needed` holds file names
    without folders, as written in the file.
    """

    system: System
    machines: frozenset[str]
    needed: frozenset[str] = frozenset()


class _DamagedError(ValueError):
    """A number in the file points outside it or is beyond reason."""


@dataclass(frozen=True, slots=True)
class _Window:
    """A file seen from `start` on, read in bounded pieces."""

    stream: BinaryIO
    start: int = 0

    def read(self, offset: int, size: int) -> bytes:
        if size > _LARGEST_TABLE:
            raise _DamagedError(f"a table of {size} bytes")
        self._seek(offset)
        data = self.stream.read(size)
        if len(data) != size:
            raise _DamagedError(f"it ends before byte {offset + size}")
        return data

    def unpack(self, layout: str, offset: int) -> tuple[int, ...]:
        return struct.unpack(layout, self.read(offset, struct.calcsize(layout)))

    def name(self, offset: int) -> str:
        """Return the file name of the zero-ended path at `offset`."""
        self._seek(offset)
        text, end, _ = self.stream.read(_LONGEST_NAME).partition(b"\0")
        if not end:
            raise _DamagedError(f"a name at {offset} without an end")
        return PurePosixPath(text.decode("utf-8", "replace")).name

    def _seek(self, offset: int) -> None:
        if not 0 <= self.start + offset <= _LARGEST_OFFSET:
            raise _DamagedError(f"an offset of {offset}")
        self.stream.seek(self.start + offset)


def read_binary(path: Path) -> Binary | None:
    """Read what a file is, or return None if it is no native file.

    Raises ArchiveError when it starts as one and is damaged.
    """
    with path.open("rb") as stream:
        magic = stream.read(4)
        for start, read in _FORMATS.items():
            if magic.startswith(start):
                try:
                    return read(_Window(stream))
                except _DamagedError as error:
                    raise ArchiveError(
                        f"{path.name} is a damaged program or library.",
                        why=f"In {path}: {error}.",
                        hint="Fetch the archive or package that it came from again.",
                    ) from None
    return None


def needed_libraries(folder: Path, *, besides: Collection[Path] = ()) -> Mapping[str, Path]:
    """Return the names of all shared libraries that native files below `folder` are linked with.

    Each with one file that names it; files in `besides` are not asked. Names are in lower
    case, as Windows compares them. Raises ArchiveError for a damaged native file.
    """
    needed: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in _NEVER_NATIVE or path in besides:
            continue
        if path.is_symlink() or not path.is_file():
            continue
        binary = read_binary(path)
        for name in sorted(binary.needed) if binary else ():
            needed.setdefault(name.lower(), path)
    return needed


_NEVER_NATIVE = frozenset({".py", ".pyc", ".txt", ".json", ".html", ".js", ".css", ".mo", ".po"})


# ELF

_ELF_MACHINES: Mapping[int, str] = {62: "x86_64", 183: "arm64"}
_ELF_64_LITTLE = b"\x02\x01"
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NEEDED, _DT_STRTAB = 1, 5


def _read_elf(window: _Window) -> Binary:
    machine = window.unpack("<H", 18)[0]
    machines = frozenset({_ELF_MACHINES.get(machine, hex(machine))})
    if window.read(4, 2) != _ELF_64_LITTLE:
        return Binary("linux", frozenset({hex(machine)}))
    table = window.unpack("<Q", 32)[0]
    size, count = window.unpack("<HH", 54)
    if count and size != struct.calcsize("<IIQQQQQQ"):
        raise _DamagedError(f"program headers of {size} bytes")
    segments = list(struct.iter_unpack("<IIQQQQQQ", window.read(table, size * count)))
    return Binary("linux", machines, frozenset(_elf_needed(window, segments)))


def _elf_needed(window: _Window, segments: list[tuple[int, ...]]) -> Iterator[str]:
    for kind, _, offset, _, _, size, _, _ in segments:
        if kind != _PT_DYNAMIC:
            continue
        dynamic = list(struct.iter_unpack("<QQ", window.read(offset, size - size % 16)))
        strings = next((value for tag, value in dynamic if tag == _DT_STRTAB), 0)
        for tag, value in dynamic:
            if tag == 0:
                break
            if tag == _DT_NEEDED:
                yield window.name(_elf_offset(segments, strings) + value)


def _elf_offset(segments: list[tuple[int, ...]], address: int) -> int:
    for kind, _, offset, start, _, size, _, _ in segments:
        if kind == _PT_LOAD and start <= address < start + size:
            return address - start + offset
    raise _DamagedError(f"no segment holds address {address:#x}")


# Mach-O

_MACHO_MACHINES: Mapping[int, str] = {0x01000007: "x86_64", 0x0100000C: "arm64"}
_MACHO_64 = b"\xcf\xfa\xed\xfe"
_FAT = b"\xca\xfe\xba\xbe"
_MOST_SLICES = 16
# LC_LOAD_DYLIB, LC_LAZY_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB
_LOADING_COMMANDS = frozenset({0x0C, 0x20, 0x80000018, 0x8000001F})


def _read_macho(window: _Window) -> Binary:
    machine, _, _, count, size = window.unpack("<IIIII", 4)
    if count > _MOST_RECORDS:
        raise _DamagedError(f"{count} load commands")
    commands = window.read(32, size)
    needed: set[str] = set()
    offset = 0
    for _ in range(count):
        if offset + 8 > size:
            raise _DamagedError("load commands beyond their table")
        command, length = struct.unpack_from("<II", commands, offset)
        if length < struct.calcsize("<II"):
            raise _DamagedError("a load command without a length")
        if command in _LOADING_COMMANDS:
            needed.add(window.name(32 + offset + window.unpack("<I", 32 + offset + 8)[0]))
        offset += length
    machines = frozenset({_MACHO_MACHINES.get(machine, hex(machine))})
    return Binary("macos", machines, frozenset(needed))


def _read_fat(window: _Window) -> Binary | None:
    """Read every slice. Java classes have the same magic; their second number is larger."""
    count = window.unpack(">I", 4)[0]
    if not 0 < count <= _MOST_SLICES:
        return None
    slices = [window.unpack(">IIIII", 8 + 20 * index)[2] for index in range(count)]
    binaries = [_read_macho(_Window(window.stream, start)) for start in slices]
    return Binary(
        "macos",
        frozenset().union(*(binary.machines for binary in binaries)),
        frozenset().union(*(binary.needed for binary in binaries)),
    )


# PE

_PE_MACHINES: Mapping[int, str] = {0x8664: "x86_64", 0xAA64: "arm64"}
_PE_64 = 0x20B
# Data directory: place, size of one descriptor, and where in it the library's name is.
_PE_IMPORTS = ((1, 20, 12), (13, 32, 4))


def _read_pe(window: _Window) -> Binary | None:
    """Read a PE file; a DOS program without a PE header is no native file of any target."""
    head = window.unpack("<I", 0x3C)[0]
    if window.read(head, 4) != b"PE\0\0":
        return None
    machine, sections, _, _, _, optional = window.unpack("<HHIIIH", head + 4)
    machines = frozenset({_PE_MACHINES.get(machine, hex(machine))})
    start = head + 24
    if optional == 0 or window.unpack("<H", start)[0] != _PE_64:
        return Binary("windows", machines)
    table = window.read(start + optional, 40 * sections)
    # Of each section header: virtual size and address, raw size and place.
    spans = [struct.unpack_from("<IIII", table, 40 * index + 8) for index in range(sections)]
    directories = min(window.unpack("<I", start + 108)[0], 16)
    needed = {
        name
        for place, size, field in _PE_IMPORTS
        if place < directories
        for name in _pe_names(
            window, spans, window.unpack("<I", start + 112 + 8 * place)[0], size, field
        )
    }
    return Binary("windows", machines, frozenset(needed))


def _pe_names(
    window: _Window, spans: list[tuple[int, ...]], address: int, size: int, field: int
) -> Iterator[str]:
    if address == 0:
        return
    table = _pe_offset(spans, address)
    for index in range(_MOST_RECORDS):
        name = window.unpack("<I", table + index * size + field)[0]
        if name == 0:
            return
        yield window.name(_pe_offset(spans, name))
    raise _DamagedError("a table of imports without an end")


def _pe_offset(spans: list[tuple[int, ...]], address: int) -> int:
    for virtual_size, start, raw_size, place in spans:
        if start <= address < start + max(virtual_size, raw_size):
            return address - start + place
    raise _DamagedError(f"no section holds address {address:#x}")


_FORMATS: Mapping[bytes, Callable[[_Window], Binary | None]] = {
    b"\x7fELF": _read_elf,
    _MACHO_64: _read_macho,
    _FAT: _read_fat,
    b"MZ": _read_pe,
}
