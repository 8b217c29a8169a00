"""A disk that is full: which of those that a session writes on, and what to do about it.

Programs that write say "no space left" and seldom where: the disks are then asked.
"""

from __future__ import annotations

import errno
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from build_support.errors import BuildError
from build_support.paths import is_inside, nearest_existing

#: Bytes that a first build writes into the cache and beside the bundle, with some room.
NEEDED_BYTES = 500_000_000

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: How uv, npm, electron-builder and Windows say the same.
_SAID = re.compile(
    r"No space left on device|ENOSPC|Disk quota exceeded|EDQUOT|"
    r"not enough space on the disk|os error (28|112|122)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that a session writes into, what it is, and how to name another."""

    what: str
    folder: Path
    fix: str


def written_places(cache: Path, output: Path) -> tuple[Place, ...]:
    """Return the places that a build writes into, with their remedies."""
    return (
        Place("the cache", cache, "point DJDESK_CACHE_DIR at a folder on another disk"),
        Place("the output", output, "name a folder on another disk with --output"),
        Place(
            "temporary files",
            Path(tempfile.gettempdir()),
            "point TMPDIR (on Windows TEMP) at a folder on another disk",
        ),
    )


def is_full_disk(error: Exception) -> bool:
    """Whether a failure, of this process or of a program that it ran, is that of a full disk."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, BuildError) and bool(_SAID.search(error.why))


def full_disk_error(
    error: Exception,
    places: Sequence[Place],
    *,
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> BuildError:
    """Return the failure with the disk that is full: that of the file, else the fullest one."""
    file = error.filename2 or error.filename if isinstance(error, OSError) else None
    known = [(place, free(nearest_existing(place.folder))) for place in places]
    named = [
        (place, left)
        for place, left in known
        if file and place.folder.exists() and is_inside(nearest_existing(Path(file)), place.folder)
    ]
    place, left = min(named or known, key=lambda each: each[1])
    quota = isinstance(error, OSError) and error.errno == errno.EDQUOT
    what = "Your disk quota" if quota else "The disk"
    reason = error.why if isinstance(error, BuildError) else str(error)
    return BuildError(
        f"{what} of {place.what} is full: {place.folder}.",
        why=f"{left / 1e6:.0f} MB are free there; a first build needs about "
        f"{NEEDED_BYTES / 1e6:.0f} MB, packages three times that.\n{reason}",
        hint=f"Free some space, or {place.fix}.",
    )
