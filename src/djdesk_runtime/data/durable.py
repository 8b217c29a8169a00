"""Writing so that a power cut leaves the old content of a file or the new one, never less."""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Windows refuses to replace a file that a virus scanner or an indexer has open at the moment: how
# often that is tried again, and after which pause in seconds.
REFUSES_OPEN_FILES = os.name == "nt"
ATTEMPTS = 40
PAUSE = 0.05


# The bits of a mode that are not the owner's.
OTHERS = 0o077

# What the new content of a file is called until it is complete.
PARTIAL = ".partial"


def private(path: str, flags: int) -> int:
    """Open *path* so that a file which that creates is closed to other users."""
    return os.open(path, flags, 0o600)


def restrict_new_files() -> None:
    """Close what this process and those that it starts create to other users, from now on.

    Whoever means to share a file says so with a mode of its own. Does nothing on Windows, where
    files have the rights of the folder that they are in.
    """
    if os.name == "posix":
        os.umask(OTHERS)


def restrict(path: Path) -> None:
    """Close what is at *path*, and belongs to this user, to other users; a link leads elsewhere."""
    if os.name == "posix" and not path.is_symlink():
        with suppress(OSError):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)


def write_durably(path: Path, content: bytes) -> None:
    """Let *path* hold *content*, on the disk, when this returns. Raises OSError, changing nothing.

    One process at a time: the new content is written beside the old under a fixed name.
    """
    partial = path.with_name(path.name + PARTIAL)
    try:
        with open(partial, "wb", opener=private) as file:
            file.write(content)
            file.flush()
            sync(file.fileno())
        move(partial, path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Move the file *source* to *target* in one step, replacing what is there."""
    for attempt in range(ATTEMPTS):
        try:
            source.replace(target)
        except PermissionError:
            if not REFUSES_OPEN_FILES or attempt == ATTEMPTS - 1:
                raise
            time.sleep(PAUSE)
        else:
            return


def delete_durably(path: Path) -> None:
    """Delete the file *path*, on the disk, if there is one."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Write what the system still holds of the file *path* to the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Write the names in *folder* to the disk, where the system can do that."""
    if os.name == "nt":  # It does so by itself, and opens no folders.
        return
    with suppress(OSError):  # Some file systems of other makers cannot.
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync(descriptor: int) -> None:
    """Write the open file to the disk; on macOS also out of the disk's own memory."""
    if sys.platform == "darwin":
        import fcntl

        with suppress(OSError):  # Network file systems do not know it.
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)
