"""A folder and a while without root's rights, for what only other users are refused."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import unix

_NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[Path]:
    """Give a folder that may be used without root's rights, which are given up meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="djdesk-test-"))
    root = unix.geteuid() == 0
    try:
        if root:
            unix.chown(folder, _NOBODY, _NOBODY)
            unix.seteuid(_NOBODY)
        yield folder
    finally:
        if root:
            unix.seteuid(0)
        for name, folders, _ in os.walk(folder):
            for child in folders:
                if not Path(name, child).is_symlink():
                    Path(name, child).chmod(0o700)
        shutil.rmtree(folder)
