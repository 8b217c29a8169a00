"""How large a bundle is, and what it would be without pruning. In MB of 10**6 bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from build_support.bench.builds import plain_environment, plain_folder
from build_support.bench.workbench import Workbench

_BLOCK = 512  # the unit of st_blocks, whatever the file system's own is
_CLUSTER = 4096  # what a file takes up in multiples of, where the system does not tell


def bundle_on_disk(bench: Workbench) -> float:
    """Return what the bundle takes up."""
    return on_disk(bench.bundle) / 1e6


def bundle_bytes(bench: Workbench) -> float:
    """Return what the bundle's files hold."""
    return in_bytes(bench.bundle) / 1e6


def plain_on_disk(bench: Workbench) -> float:
    """Return what an unpruned interpreter with a plain virtual environment takes up."""
    return on_disk(_plain(bench)) / 1e6


def plain_bytes(bench: Workbench) -> float:
    """Return what the files of both hold."""
    return in_bytes(_plain(bench)) / 1e6


def on_disk(folder: Path) -> int:
    """Return the bytes that a folder takes up, counted as du(1) does: blocks, each file once."""
    seen: set[tuple[int, int]] = set()
    size = 0
    for path in _walk(folder):
        status = path.lstat()
        if status.st_nlink > 1 and not path.is_dir():
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
        blocks = getattr(status, "st_blocks", None)
        size += -(-status.st_size // _CLUSTER) * _CLUSTER if blocks is None else blocks * _BLOCK
    return size


def in_bytes(folder: Path) -> int:
    """Return the bytes in all files of a folder; links count for nothing."""
    return sum(
        path.stat().st_size for path in _walk(folder) if not path.is_symlink() and path.is_file()
    )


def _walk(folder: Path) -> Iterator[Path]:
    yield folder
    for name, folders, files in os.walk(folder):
        for child in (*folders, *files):
            yield Path(name, child)


def _plain(bench: Workbench) -> Path:
    folder = plain_folder(bench)
    if not folder.exists():
        plain_environment(bench)
    return folder
