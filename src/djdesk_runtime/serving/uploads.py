"""The bodies of requests while they arrive: on the disk of the data, as long as it has room.

What is too much is read and thrown away: a browser shows an answer only when it has sent all.
"""

from __future__ import annotations

import html
import logging
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from waitress.buffers import OverflowableBuffer, TempfileBasedBuffer
from waitress.utilities import Error

from djdesk_runtime.data.space import free_bytes

if TYPE_CHECKING:
    from pathlib import Path

# The body as it arrives, and the project's copy of what is in it.
COPIES = 2

# What stays free for everything else, and how much may arrive until it is looked at again.
RESERVE_BYTES = 64_000_000
LOOK_BYTES = 16_000_000

# A browser that claims to send more is not waited for.
LONGEST_READ = 1 << 42

log = logging.getLogger(__name__)

UNITS = ("bytes", "kB", "MB", "GB", "TB")
THOUSAND = 1000

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font: 100%/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto;
padding: 0 1rem; color-scheme: light dark }}</style>
<h1>{title}</h1>
<p>{why}</p>
<p>{hint}</p>
"""
PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much a request may bring, in bytes, None for any; and the folder where it is kept."""

    folder: Path | None = None
    most: int | None = None


class UploadError(Error):
    """A page that tells the user why something was not taken."""

    def __init__(self, status: HTTPStatus, title: str, why: str, hint: str) -> None:
        super().__init__(title)
        self._status = status
        self._page = PAGE.format(
            title=html.escape(title), why=html.escape(why), hint=html.escape(hint)
        )

    # Any: the published stubs say that the body is a string.
    def to_response(self, ident: str | None = None) -> Any:  # noqa: ANN401, ARG002
        """Return status, headers and body."""
        status = f"{self._status.value} {self._status.phrase}"
        return status, list(PAGE_HEADERS), self._page.encode()


class Body(OverflowableBuffer):
    """What has come of a request's body; *excess* is why no more of it is kept, if so."""

    # Any: the published stubs know none of our kind.
    buf: Any

    def __init__(self, overflow: int, limits: UploadLimits) -> None:
        super().__init__(overflow)
        self._limits = limits
        self._come = 0
        self._next_look = LOOK_BYTES
        self.excess: Error | None = None

    def expect(self, length: int) -> None:
        """Prepare for *length* bytes, 0 if that is not known."""
        if self._limits.most is not None and length > self._limits.most:
            self.excess = too_large_error(self._limits.most)
        elif length >= self.overflow:
            self.excess = self._lack_of_space(COPIES * length)

    def append(self, s: bytes) -> None:
        """Keep *s*, unless there is too much already."""
        if self.excess is not None:
            return
        self._come += len(s)
        if self._limits.most is not None and self._come > self._limits.most:
            self._drop(too_large_error(self._limits.most))
            return
        if self._come >= self._next_look:
            self._next_look = self._come + LOOK_BYTES
            # What has come is on the disk already.
            if (lack := self._lack_of_space(self._come)) is not None:
                self._drop(lack)
                return
        try:
            super().append(s)
        except OSError as error:
            log.warning("an upload could not be kept: %s", error)
            self._drop(no_space_error(COPIES * self._come))

    def _drop(self, excess: Error) -> None:
        """Keep nothing any more: the space is free at once."""
        self.excess = excess
        self.close()
        self.buf = None
        self.strbuf = b""

    def _lack_of_space(self, needed: int) -> Error | None:
        """Return the error that *needed* bytes are not free; None if they are, or may be."""
        free = None if self._limits.folder is None else free_bytes(self._limits.folder)
        if free is None or free >= needed + RESERVE_BYTES:
            return None
        return no_space_error(needed)

    def _set_large_buffer(self) -> None:
        """Go on in a file, in the folder for that."""
        before = self.buf
        self.buf = FileInFolder(self._limits.folder, before)
        if before is not None:
            before.close()
        self.overflowed = True


class FileInFolder(TempfileBasedBuffer):
    """A file without a name, which ends with its last use, however that comes about."""

    def __init__(self, folder: Path | None, before: Any) -> None:  # noqa: ANN401 - as above
        self._folder = folder
        super().__init__(before)

    def newfile(self) -> Any:  # noqa: ANN401 - as above
        """Return an empty file."""
        return TemporaryFile("w+b", dir=self._folder)


def delete_unfinished(folder: Path) -> None:
    """Delete what a server that was killed had received. Call it when no other one runs."""
    with suppress(OSError):
        for file in folder.iterdir():
            with suppress(OSError):
                file.unlink()


def too_large_to_read(length: int) -> bool:
    """Tell whether a body of *length* bytes is not even thrown away."""
    return length > LONGEST_READ


def too_large_error(most: int) -> Error:
    """Return the answer to more than *most* bytes."""
    return UploadError(
        HTTPStatus.CONTENT_TOO_LARGE,
        "This is too large to upload",
        why=f"This application takes at most {amount(most)} at a time. Nothing was saved.",
        hint="Go back and choose a smaller file, or fewer files.",
    )


def no_space_error(needed: int) -> Error:
    """Return the answer to what takes *needed* bytes, which the disk has no room for."""
    return UploadError(
        HTTPStatus.INSUFFICIENT_STORAGE,
        "There is not enough space on the disk",
        why=(
            f"About {amount(needed + RESERVE_BYTES)} have to be free for this upload. "
            "Nothing was saved."
        ),
        hint="Free some space, then go back and try again.",
    )


def amount(count: int) -> str:
    """Return *count* bytes for people."""
    value, units = float(count), iter(UNITS)
    unit = next(units)
    while value >= THOUSAND and unit != UNITS[-1]:
        value, unit = value / THOUSAND, next(units)
    return f"{value:.3g} {unit}"
