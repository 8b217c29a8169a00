"""A log file that is rotated, and loses nothing where the system does not let it be renamed."""

from __future__ import annotations

from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from djdesk_runtime.data.durable import private

if TYPE_CHECKING:
    from io import TextIOWrapper

#: What a full file is called before the older ones have made room for it.
FULL = ".full"


class LogFile(RotatingFileHandler):
    """Writes on to a full file as long as another program keeps it from being renamed.

    Windows does not rename a file that is open elsewhere: a management command, an editor, a
    virus scanner. The standard library's handler finds out only after it has made room, and so
    drops an old file and the new record every time.
    """

    def _open(self) -> TextIOWrapper:
        """Open the file, which is closed to other users."""
        options: dict[str, Any] = {"encoding": self.encoding, "errors": self.errors}
        return cast("TextIOWrapper", open(self.baseFilename, self.mode, opener=private, **options))

    def doRollover(self) -> None:  # noqa: N802 - the name in the standard library
        """Start a new file if the one that is full can be renamed."""
        if self.stream:
            self.stream.close()
            self.stream = None  # opened by the next record
        with suppress(OSError):
            Path(self.baseFilename).replace(self.baseFilename + FULL)
            super().doRollover()

    def rotate(self, source: str, dest: str) -> None:
        """Let the file that was *source* become the newest of the older ones."""
        Path(source + FULL).replace(dest)
