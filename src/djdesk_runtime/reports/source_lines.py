"""Lines of the project, or of what it depends on, in tracebacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import traceback
    from collections.abc import Iterable


def place_in(frames: Iterable[traceback.FrameSummary], root: Path) -> tuple[str, int]:
    """Return the file and line of the innermost of *frames* that is the project's.

    Else of a dependency, else an empty name. *root* is the bundle's.
    """
    places = [(in_bundle(frame.filename, root), frame.lineno or 0) for frame in reversed([*frames])]
    for part in ("app/", "packages/"):
        for file, line in places:
            if file.startswith(part) and "/djdesk_runtime/" not in file:
                return file, line
    return "", 0


def in_bundle(file: str, root: Path) -> str:
    """Return *file* relative to *root*, with slashes, or as it is if it is somewhere else."""
    path = Path(file)
    if not path.is_absolute():
        return path.as_posix()
    for folder in (root, root.resolve()):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return file
