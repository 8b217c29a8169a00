"""The secret key of one installation: a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
import time
from typing import TYPE_CHECKING

from djdesk_runtime.data.durable import restrict

if TYPE_CHECKING:
    from pathlib import Path

# Django's check security.W009 wants 50 characters.
SHORTEST_KEY = 50
RANDOM_BYTES = 64

# How long a key that another process is just writing may be unreadable, in seconds. It matters
# only where files cannot be linked: with a link the file appears complete.
PATIENCE = 1.0
PAUSE = 0.02


def secret_key(path: Path) -> str:
    """Return the key in the file *path*, created with mode 0600 when there is none.

    Processes that race for the first key agree on one. A damaged file is replaced: only
    sessions are lost. Raises OSError when the file can neither be read nor created.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        key = read_key(path)
        if key is None:
            create_key(path)
        elif len(key) >= SHORTEST_KEY:
            return key
        elif time.monotonic() > deadline:
            path.unlink(missing_ok=True)
        else:
            time.sleep(PAUSE)


def read_key(path: Path) -> str | None:
    """Return what the file holds, or None when there is no file; closes it to other users."""
    try:
        content = path.read_bytes()
        restrict(path)
    except FileNotFoundError:
        return None
    return content.decode("ascii", errors="ignore").strip()


def create_key(path: Path) -> None:
    """Write a new key to *path*, unless another process was faster."""
    key = secrets.token_urlsafe(RANDOM_BYTES).encode("ascii") + b"\n"
    complete = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        write_new(complete, key)
        try:
            os.link(complete, path)
        except FileExistsError:
            return
        except OSError:
            # FAT and some network file systems have no links.
            write_if_absent(path, key)
    finally:
        complete.unlink(missing_ok=True)


def write_if_absent(path: Path, content: bytes) -> None:
    """Write *content* to *path* unless that file exists."""
    try:
        write_new(path, content)
    except FileExistsError:
        return


def write_new(path: Path, content: bytes) -> None:
    """Write *content* to the new file *path* and to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
