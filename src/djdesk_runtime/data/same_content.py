"""Whether two SQLite files hold the same, page for page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djdesk_runtime.data.sqlite_files import WRITE_AHEAD_LOG, beside, has_content, is_absent

if TYPE_CHECKING:
    from pathlib import Path

CHUNK_BYTES = 1 << 20

# What the header of a file says of how, when and by what it was written, not of what is in it:
# the versions of the format, the counters of changes and of schemas, and
# the version of SQLite. https://www.sqlite.org/fileformat2.html#the_database_header
HEADER_BYTES = 100
PASSING = (slice(18, 20), slice(24, 28), slice(40, 44), slice(92, 100))


def have_same_content(one: Path, other: Path | None) -> bool:
    """Tell whether *one* and *other*, None for no database, certainly hold the same.

    A file with a write-ahead log beside it may hold anything. Raises OSError.
    """
    if other is None:
        return is_absent(one)
    if any(has_content(beside(path, WRITE_AHEAD_LOG)) for path in (one, other)):
        return False
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        if header(first.read(HEADER_BYTES)) != header(second.read(HEADER_BYTES)):
            return False
        while chunk := first.read(CHUNK_BYTES):
            if chunk != second.read(CHUNK_BYTES):
                return False
    return True


def header(content: bytes) -> bytes:
    """Return *content*, the header of a file, without what is not about what the file holds."""
    meant = bytearray(content)
    for part in PASSING:
        meant[part] = bytes(len(meant[part]))
    return bytes(meant)
