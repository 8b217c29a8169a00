"""The folders of uploaded files: there from the first start on, closed to other users."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from djdesk_runtime.data.folder import DataFolder


def create_upload_folders(data: DataFolder) -> list[Path]:
    """Create those of the project's upload folders that are in *data*, and return them.

    The project is loaded. One that exists keeps its mode. Raises OSError.
    """
    from django.conf import settings

    storages: Any = settings.STORAGES
    options = [storage.get("OPTIONS") or {} for storage in storages.values()]
    locations = [settings.MEDIA_ROOT, *(x["location"] for x in options if "location" in x)]
    folders = sorted({Path(location) for location in locations if str(location)})
    ours = [folder for folder in folders if folder.is_relative_to(data.root)]
    for folder in ours:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return ours
