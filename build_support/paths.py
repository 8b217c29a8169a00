"""Whether two paths name the same thing: asked of the file system, never of their text.

On macOS /var leads to /private/var; on Windows a folder has a short name besides its own
(RUNNER~1), and letters are the same in both cases; anywhere, there may be links in between. What a
program is given as its path and what it calls itself are then two strings.
"""

from __future__ import annotations

from pathlib import Path


def quoted(path: Path) -> str:
    """Return a path as a word of a command, for shells of every system."""
    return f'"{path}"' if any(char.isspace() for char in str(path)) else str(path)


def is_same(first: Path, second: Path) -> bool:
    """Whether both name one existing file or folder."""
    try:
        return first.samefile(second)
    except OSError:
        return False


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a file or folder, after its links, is a folder or is below it."""
    real = path.resolve()
    return any(is_same(each, folder) for each in (real, *real.parents))


def nearest_existing(path: Path) -> Path:
    """Return the path itself, or the nearest above it that is there."""
    return next(each for each in (path, *path.parents) if each.exists())
