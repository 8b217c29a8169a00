"""One program at a time works with a data folder."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from djdesk_runtime.data.folder import unusable
from djdesk_runtime.errors import DataInUseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djdesk_runtime.data.folder import DataFolder


@contextmanager
def lock_data(data: DataFolder) -> Iterator[None]:
    """Keep every other server and restore away from *data*, which exists, until the block ends.

    The system lets go of the lock when the process ends, however it ends; programs that it
    started do not have it. Raises `DataInUseError`, or `DataFolderError` where nothing can be
    locked.
    """
    lock = FileLock(data.server_lock, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise in_use(data) from error
    except OSError as error:
        raise unusable(data.root, error) from error
    try:
        yield
    finally:
        lock.release()


def in_use(data: DataFolder) -> DataInUseError:
    """Return the error that names the process which has *data*, as far as that is known."""
    return DataInUseError(
        "Your data is in use: the application is already running.",
        why=f"{holder(data)} works with {data.root}",
        next_step="Use the window that is open, or close it and start again.",
    )


def holder(data: DataFolder) -> str:
    """Return "process N, started at T,", less where the file of the server does not say."""
    try:
        facts = json.loads(data.server_file.read_text(encoding="utf-8"))
        return f"process {int(facts['pid'])}, started at {facts['started']},"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"
