"""Parts of files (RFC 9110, 14): one range of bytes.

Where several are asked for the whole file is sent, which is allowed.
"""

from __future__ import annotations

import io
import re
import sys
from typing import BinaryIO

RANGE = re.compile(r"bytes=[ \t]*(?:([0-9]+)-([0-9]*)|-([0-9]+))[ \t]*", re.IGNORECASE)

# Python reads no number of more digits than thousands; no file has more bytes than this.
MOST_DIGITS = len(str(sys.maxsize))


class UnsatisfiableError(Exception):
    """The file has no byte of the range."""


def read_range(header: str, length: int) -> range | None:
    """Return which bytes of a file of *length* bytes a Range *header* asks for.

    None stands for all of it: what is not understood is ignored, and so is any range of an empty
    file, which has none. Raises `UnsatisfiableError`.
    """
    match = RANGE.fullmatch(header)
    if match is None or length == 0:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        return suffix_of(length, number(suffix))
    start = number(first)
    end = number(last) if last else sys.maxsize
    if end < start:
        return None
    if start >= length:
        raise UnsatisfiableError
    return range(start, min(end + 1, length))


def suffix_of(length: int, count: int) -> range:
    """Return the last *count* bytes. Raises `UnsatisfiableError` for none."""
    if count == 0:
        raise UnsatisfiableError
    return range(max(0, length - count), length)


def number(digits: str) -> int:
    """Return the number that *digits* say, or one that is larger than any file."""
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) < MOST_DIGITS else sys.maxsize


class Section(io.RawIOBase):
    """A part of a file that can be read and searched like a whole one; closing it closes that."""

    def __init__(self, file: BinaryIO, part: range) -> None:
        super().__init__()
        self._file = file
        self._part = part
        # Django guesses the type of a response by it.
        self.name = getattr(file, "name", "")
        self._file.seek(part.start)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be searched."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to *size* bytes, all that are left without one."""
        left = max(0, self._part.stop - self._file.tell())
        return self._file.read(left if size is None or size < 0 else min(size, left))

    def tell(self) -> int:
        """Return the place, counted from the start of the part."""
        return self._file.tell() - self._part.start

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.tell(), io.SEEK_END: len(self._part)}[whence]
        self._file.seek(self._part.start + base + offset)
        return self.tell()

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._file.close()
