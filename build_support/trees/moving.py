"""Renames and deletions that outlast those who look at a file at the moment.

Windows refuses to rename, replace or delete what a virus scanner or an indexer has open, and what
is above it. They have done with it after a moment: bundles are thousands of new files.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

#: Whether open files keep their names and their places.
REFUSES_OPEN_FILES = os.name == "nt"
#: Seconds before each further attempt, about six in all.
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0)
#: What is said of an open file, and of a folder whose last file is about to go.
_PASSING = frozenset({errno.EACCES, errno.EBUSY, errno.ENOTEMPTY})


def move(source: Path, target: Path) -> None:
    """Rename a file or a folder; a file that is there is replaced. Raises OSError."""
    _retry(lambda: source.replace(target))


def delete(path: Path) -> None:
    """Delete a file or a link, if it is there. Raises OSError."""
    _retry(lambda: path.unlink(missing_ok=True))


def delete_folder(folder: Path) -> None:
    """Delete a folder with all that is in it. Raises OSError, also when it is not there."""
    _retry(lambda: shutil.rmtree(folder))


def _retry(action: Callable[[], object]) -> None:
    for pause in PAUSES:
        try:
            action()
        except OSError as error:
            if not REFUSES_OPEN_FILES or error.errno not in _PASSING:
                raise
        else:
            return
        time.sleep(pause)
    action()
