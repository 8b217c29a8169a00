"""Which files Windows wants signed, and whether a signature that is there can be replaced.

A signature lies at the end of a program or library in the PE format, in the certificate table.
Stripping tools sometimes cut it off and leave the entry that points to it; signtool then
fails with 0x800700C1 and does not say why. Source: Microsoft, "PE Format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from build_support.errors import VerificationError

_SMALLEST_HEADER = 0x40
_LARGEST_HEADER_OFFSET = 1 << 20
# Magic number of the optional header: where in it the number of data directories is.
_DIRECTORY_COUNTS = {0x10B: 92, 0x20B: 108}
_CERTIFICATES = 4
#: Size, revision and type, before the certificate itself.
_ENTRY_HEADER = 8


@dataclass(frozen=True, slots=True)
class Program:
    """A program or library for Windows.

    `table` is where the certificate table's entry lies in the file, None when there is no
    room for one; `offset` and `size` are what it says, both 0 without a signature.
    """

    path: Path
    length: int
    table: int | None
    offset: int = 0
    size: int = 0

    @property
    def is_signed(self) -> bool:
        """Whether it says that it has a signature."""
        return self.size != 0

    @property
    def problem(self) -> str:
        """What is wrong with its certificate table; empty when nothing is."""
        if self.table is None:
            return "it has no room for a signature"
        if not self.size and not self.offset:
            return ""
        if self.size < _ENTRY_HEADER:
            return f"its certificate table has {self.size} bytes, too few for a certificate"
        if self.offset + self.size > self.length:
            return (
                f"its certificate table should end at byte {self.offset + self.size}, "
                f"and the file ends at {self.length}"
            )
        if self.offset < self.table:
            return f"its certificate table starts at byte {self.offset}, inside the header"
        return ""


def find_programs(folder: Path) -> Iterator[Program]:
    """Yield all programs and libraries below a folder, known by content, in order of paths."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and (program := read_program(path)):
            yield program


def read_program(path: Path) -> Program | None:
    """Read where a file's signature is; None when it is no program or library for Windows."""
    length = path.stat().st_size
    with path.open("rb") as stream:
        if stream.read(2) != b"MZ" or length < _SMALLEST_HEADER:
            return None
        head = _number(stream, 0x3C, "<I")
        if head is None or head > _LARGEST_HEADER_OFFSET:
            return None
        stream.seek(head)
        if stream.read(4) != b"PE\0\0":
            return None
        table = _certificate_entry(stream, head + 24)
        if table is None or (offset := _number(stream, table, "<I")) is None:
            return Program(path, length, None)
        size = _number(stream, table + 4, "<I")
        return Program(path, length, table, offset, size) if size is not None else None


def check_programs(programs: Iterable[Program]) -> None:
    """Raise VerificationError naming every file that signtool would fail on, and why."""
    problems = [f"{program.path}: {program.problem}." for program in programs if program.problem]
    if problems:
        raise VerificationError(
            f"{len(problems)} file(s) cannot be signed.",
            why="\n".join(problems),
            hint="They were changed after their makers signed them. Use a newer release of what "
            "they belong to, or leave them out of the bundle.",
        )


def _certificate_entry(stream: BinaryIO, start: int) -> int | None:
    """Return the place of the certificate table's entry in the header that starts there."""
    magic = _number(stream, start, "<H")
    place = _DIRECTORY_COUNTS.get(magic or 0)
    if place is None:
        return None
    count = _number(stream, start + place, "<I")
    if count is None or count <= _CERTIFICATES:
        return None
    return start + place + 4 + 8 * _CERTIFICATES


def _number(stream: BinaryIO, offset: int, layout: str) -> int | None:
    stream.seek(offset)
    data = stream.read(struct.calcsize(layout))
    if len(data) < struct.calcsize(layout):
        return None
    number: int = struct.unpack(layout, data)[0]
    return number
