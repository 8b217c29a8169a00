"""Small files that only their owner can read, and that appear complete."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from djdesk_runtime.data.durable import move

if TYPE_CHECKING:
    from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write *text* in UTF-8 to *path*, with mode 0600, in place of what was there.

    For what may be lost in a power cut: nothing waits for the disk. Raises OSError, and then
    *path* is as before.
    """
    complete = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        descriptor = os.open(complete, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        move(complete, path)
    finally:
        complete.unlink(missing_ok=True)
