"""Where a server works: in the project's folder, with a temporary one that can be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.data.folder import unusable
from djdesk_runtime.errors import BundleDamagedError

if TYPE_CHECKING:
    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder


def prepare_working_folder(bundle: BundleInfo, data: DataFolder) -> None:
    """Make the project's folder the current one, as in development.

    Raises `DataFolderError`, and `BundleDamagedError` where that folder is missing.
    """
    try:
        use_temporary_folder(data)
    except OSError as error:
        raise unusable(data.root, error) from error
    try:
        os.chdir(bundle.app)
    except OSError as error:
        raise BundleDamagedError(
            "The application is damaged: the folder of its own code cannot be used.",
            why=f"{bundle.app}: {error.strerror or error}",
            next_step="Install the application again, or build the bundle again.",
        ) from error


def use_temporary_folder(data: DataFolder) -> None:
    """Keep temporary files in *data* where the system has no place for them.

    Python's last resort is the current folder, which is no place for them.
    """
    try:
        found = Path(tempfile.gettempdir())
    except FileNotFoundError:
        found = None
    if found is None or found == Path.cwd():
        folder = data.cache / "temporary"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.tempdir = str(folder)
