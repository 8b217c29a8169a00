"""Room on the disk for an update: looked for before anything is changed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from djdesk_runtime.data.failures import FREE_SPACE
from djdesk_runtime.data.progress import megabytes
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from pathlib import Path

# The backup of every database, the copy that is changed, and the log of its replacement.
COPIES = 3
RESERVE_BYTES = 8_000_000


def needed_bytes(database_bytes: int) -> int:
    """Return how much must be free to update databases of *database_bytes* together."""
    return COPIES * database_bytes + RESERVE_BYTES


def require_space(folder: Path, database_bytes: int) -> None:
    """Raise `DatabaseUpdateError` when the disk of *folder* has too little room.

    A system that does not say how much there is says nothing against trying.
    """
    needed = needed_bytes(database_bytes)
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return
    if usage.total and usage.free < needed:
        raise DatabaseUpdateError(
            "There is not enough space on the disk to update your data. It was not changed.",
            why=f"{megabytes(needed)} are needed and {megabytes(usage.free)} are free in {folder}",
            next_step=FREE_SPACE,
        )
