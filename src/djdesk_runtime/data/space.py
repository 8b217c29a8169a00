"""Room on the disk for an update: looked for before anything is changed."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from typing import TYPE_CHECKING

from djdesk_runtime.data.sqlite_files import PRIMARY_CODE
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A copy of every database, and as much again for what a migration writes anew.
COPIES = 2
RESERVE_BYTES = 8_000_000
MEGABYTE = 1_000_000

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FREE_SPACE = "Free some space on the disk and start again."


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


def megabytes(count: int) -> str:
    """Return *count* bytes for people."""
    return f"{count / MEGABYTE:.1f} MB"


def is_disk_full(error: BaseException) -> bool:
    """Tell whether *error*, or what led to it, is that the disk is full."""
    return any(
        (isinstance(cause, OSError) and cause.errno in FULL)
        or (
            isinstance(cause, sqlite3.Error)
            and getattr(cause, "sqlite_errorcode", 0) & PRIMARY_CODE == sqlite3.SQLITE_FULL
        )
        for cause in causes(error)
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and what it was raised for, as long as there is something new."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
