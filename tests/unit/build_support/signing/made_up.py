"""Made-up native files for tests, and a runner that only notes what it should run."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from build_support.errors import ToolError
from build_support.signing.commands import Command

OBJECT, EXECUTE, DYLIB, BUNDLE, SYMBOLS = 1, 2, 6, 8, 10


def thin(kind: int = DYLIB, *, order: str = "<", bits: int = 64) -> bytes:
    """A Mach-O header: magic, processor (two numbers), kind of file, then nothing of use."""
    magic = 0xFEEDFACF if bits == 64 else 0xFEEDFACE
    return struct.pack(f"{order}IIIIIIII", magic, 0x0100000C, 0, kind, 0, 0, 0, 0)


def fat(*slices: bytes, order: str = ">", bits: int = 32) -> bytes:
    """A universal file: a header, one entry for each slice, then the slices."""
    layout = f"{order}{'IIIII' if bits == 32 else 'IIQQII'}"
    header = struct.pack(f"{order}II", 0xCAFEBABE if bits == 32 else 0xCAFEBABF, len(slices))
    place = len(header) + struct.calcsize(layout) * len(slices)
    entries = []
    for content in slices:
        rest = (14,) if bits == 32 else (14, 0)
        entries.append(struct.pack(layout, 7, 3, place, len(content), *rest))
        place += len(content)
    return b"".join((header, *entries, *slices))


def program(
    signature: bytes = b"",
    *,
    bits: int = 64,
    entry: tuple[int, int] | None = None,
    directories: int = 16,
) -> bytes:
    """A PE file; `entry` is what its certificate table's entry says, if that is not the truth."""
    head = 0x80
    optional = bytearray(240 if bits == 64 else 224)
    struct.pack_into("<H", optional, 0, 0x20B if bits == 64 else 0x10B)
    place = 108 if bits == 64 else 92
    struct.pack_into("<I", optional, place, directories)
    data = bytearray(head) + b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 0, 0, 0, 0, 240, 0)
    end = len(data) + len(optional) + 64
    told = entry or ((end, len(signature)) if signature else (0, 0))
    struct.pack_into("<II", optional, place + 4 + 8 * 4, *told)
    data[:2] = b"MZ"
    struct.pack_into("<I", data, 0x3C, head)
    return bytes(data + optional + bytes(64) + signature)


@dataclass
class Recorder:
    """A runner that notes commands, and answers those that start with the given words."""

    answers: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    fail: Callable[[Command], str | None] = lambda _: None
    commands: list[Command] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, command: Command) -> str:
        with self.lock:
            self.commands.append(command)
        if why := self.fail(command):
            raise ToolError(f"{command.doing} failed.", why=why, hint=command.hint)
        for start, answer in self.answers.items():
            if command.words[: len(start)] == start:
                return answer
        return ""

    @property
    def words(self) -> Sequence[tuple[str, ...]]:
        return [command.words for command in self.commands]


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
