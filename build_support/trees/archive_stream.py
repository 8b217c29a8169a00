"""The decompressed bytes of a gzipped archive, as a stream with bounds."""

from __future__ import annotations

import gzip
import io
from typing import BinaryIO

from build_support.trees.archive_policy import Limits, RefusedError

#: Bytes that tarfile reads at once.
CHUNK = 64 * 1024

_HEADERS_AT_ONCE = 1_000_000
_BLOCK = 512


class DecompressedStream(io.BufferedIOBase):
    """The decompressed bytes of an archive, as a stream for tarfile, with bounds.

    It ends in RefusedError where the ratio or the room for tar headers is used up, because
    tarfile holds a header of any length in memory.
    """

    def __init__(self, compressed: BinaryIO, limits: Limits) -> None:
        super().__init__()
        self._compressed = compressed
        self._limits = limits
        self._file = gzip.GzipFile(fileobj=compressed)
        self._allowed = _HEADERS_AT_ONCE
        self._count = 0
        self._last_data = 0

    def readable(self) -> bool:
        """Tell that this stream is for reading."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, at most `size`. Raises RefusedError beyond a bound."""
        data = self._file.read(size)
        self._count += len(data)
        if stripped := len(data.rstrip(b"\0")):
            self._last_data = self._count - len(data) + stripped
        if self._count > self._allowed:
            raise RefusedError(f"is followed by more than {_HEADERS_AT_ONCE:,} bytes of no member")
        limits = self._limits
        if self._count > max(limits.ratio_from, limits.ratio * self._compressed.tell()):
            raise RefusedError(f"is compressed by more than {limits.ratio}:1, like a bomb")
        return data

    def allow(self, end_of_member: int) -> None:
        """Let the stream be read up to the end of a member, and some headers beyond."""
        self._allowed = end_of_member + _HEADERS_AT_ONCE + CHUNK

    def check_end(self, end_of_members: int) -> None:
        """Read to the end, where gzip's checksum is, and see that it is an end.

        tarfile takes a missing or a spoiled header for the end of the archive.
        """
        while self.read(CHUNK):
            pass
        if end_of_members == 0 or self._count < end_of_members + _BLOCK:
            raise EOFError("The archive ends too early")
        if self._last_data > end_of_members:
            raise ValueError("There is something that is no member")
