"""A file on its way: `<name>.part`, and `<name>.part.json` saying what its bytes belong to."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from build_support.errors import IntegrityError
from build_support.trees.moving import move

# RFC 9110, section 8.8.2.2: a Last-Modified date is a strong validator only when it is
# clearly older than the answer. One minute is what RFC 7232 asked for.
_SETTLED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Origin:
    """Which version of which resource a partial file belongs to.

    `validator` is a strong ETag or Last-Modified date for If-Range, empty when the server
    gave none; `total` is the size of the whole file in bytes, where it was told.
    """

    url: str
    validator: str
    total: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """The partial file of a destination. Only one process at a time may use it."""

    destination: Path

    @property
    def path(self) -> Path:
        """The bytes that have come so far."""
        return self.destination.with_name(f"{self.destination.name}.part")

    @property
    def origin_path(self) -> Path:
        """The origin of these bytes, as JSON."""
        return self.destination.with_name(f"{self.destination.name}.part.json")

    def size(self) -> int:
        """Return how many bytes have come so far."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def resumable(self, url: str) -> Origin | None:
        """Return the origin of the bytes there are, if asking `url` for the rest is safe."""
        try:
            values = json.loads(self.origin_path.read_text(encoding="utf-8"))
            origin = Origin(str(values["url"]), str(values["validator"]), values["total"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        fitting = origin.url == url and origin.validator and self.size() > 0
        return origin if fitting and isinstance(origin.total, int | None) else None

    def begin(self, origin: Origin) -> None:
        """Forget what has come so far and get ready for the first byte of `origin`."""
        self.discard()
        self.path.touch()
        self.origin_path.write_text(json.dumps(asdict(origin)) + "\n", encoding="utf-8")

    def discard(self) -> None:
        """Delete both files."""
        # In this order: bytes without an origin are never taken for another version's.
        self.origin_path.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def install(self, actual: str, expected: str, source: str) -> None:
        """Give the file its name if its SHA-256 is the expected one.

        Otherwise deletes it and raises IntegrityError. The name appears at once and only
        when all bytes are on the disk.
        """
        if actual != expected:
            size = self.size()
            self.discard()
            raise mismatch(self.destination.name, source, expected, actual, size)
        with self.path.open("rb+") as stream:
            os.fsync(stream.fileno())
        move(self.path, self.destination)
        self.origin_path.unlink(missing_ok=True)
        _sync_folder(self.destination.parent)


def mismatch(name: str, source: str, expected: str, actual: str, size: int) -> IntegrityError:
    """Explain that a file is not the pinned one."""
    return IntegrityError(
        f"What came as {name} is not the pinned file.",
        why=f"expected SHA-256  {expected}\nactual SHA-256    {actual}\n"
        f"source            {source} ({size} bytes)",
        hint="It was not used, and nothing else was tried in its place. It is damaged, another\n"
        "version, or was changed on its way: find out which before trying another source.",
    )


def strong_validator(etag: str, last_modified: str, date: str) -> str:
    """Return what If-Range may be sent with, from an answer's headers, or an empty text.

    A weak ETag or a date too close to the answer's own says nothing about single bytes
    (RFC 9110, section 13.1.5).
    """
    if etag:
        return etag if etag.startswith('"') else ""
    with contextlib.suppress(ValueError, TypeError):
        if parsedate_to_datetime(date) - parsedate_to_datetime(last_modified) >= _SETTLED:
            return last_modified
    return ""


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open a folder, and journals the rename
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
