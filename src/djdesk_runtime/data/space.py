"""Room on the disk for an update: looked for before anything is changed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from djdesk_runtime.data.clones import has_clones
from djdesk_runtime.data.failures import FREE_SPACE
from djdesk_runtime.data.progress import megabytes
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from pathlib import Path

    from djdesk_runtime.errors import DjdeskError

# The backup of every database, the copy that is changed, and the log of its replacement; of these
# only the log takes room where files are cloned.
COPIES = 3
COPIES_WITH_CLONES = 1
RESERVE_BYTES = 8_000_000


def needed_bytes(database_bytes: int, copies: int = COPIES) -> int:
    """Return how much must be free for so many *copies* of databases of *database_bytes*."""
    return copies * database_bytes + RESERVE_BYTES


def require_space(folder: Path, database_bytes: int) -> None:
    """Raise `DatabaseUpdateError` when the disk of *folder* has too little room for an update."""
    copies = COPIES_WITH_CLONES if has_clones(folder) else COPIES
    require_free(
        folder,
        needed_bytes(database_bytes, copies),
        DatabaseUpdateError,
        "There is not enough space on the disk to update your data. It was not changed.",
    )


def require_free(folder: Path, needed: int, error: type[DjdeskError], what: str) -> None:
    """Raise *error*, which says *what*, unless *needed* bytes are free on the disk of *folder*."""
    free = free_bytes(folder)
    if free is not None and free < needed:
        raise error(
            what,
            why=f"{megabytes(needed)} are needed and {megabytes(free)} are free in {folder}",
            next_step=FREE_SPACE,
        )


def free_bytes(folder: Path) -> int | None:
    """Return how many bytes are free on the disk of *folder*.

    None where the system does not say, which is nothing against trying.
    """
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free if usage.total else None
