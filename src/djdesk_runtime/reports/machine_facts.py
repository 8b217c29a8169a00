"""Facts for diagnostics: the system, and what lies in the data folder by name and size."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder


def system_facts(data: DataFolder) -> dict[str, Any]:
    """Return what the system is and how much room the disk of *data* has, in bytes."""
    now = datetime.now().astimezone()
    existing = next(path for path in (data.root, *data.root.parents) if path.is_dir())
    disk = shutil.disk_usage(existing)
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "locale": list(locale.getlocale()),
        "encoding": locale.getencoding(),
        "file_names": sys.getfilesystemencoding(),
        "time": now.isoformat(timespec="seconds"),
        "time_zone": {"names": list(time.tzname), "offset": now.strftime("%z")},
        "disk": {"free_bytes": disk.free, "total_bytes": disk.total},
    }


def data_facts(data: DataFolder) -> dict[str, Any]:
    """Return the top level of *data* and the backups: names, sizes, nothing of the content."""
    exists = data.root.is_dir()
    return {
        "folder": str(data.root),
        "exists": exists,
        "writable": os.access(data.root, os.W_OK) if exists else None,
        "entries": entries(data.root),
        "backups": entries(data.backups),
    }


def entries(folder: Path) -> list[dict[str, Any]]:
    """Return what lies in *folder*, in order of names; nothing where there is no such folder."""
    if not folder.is_dir():
        return []
    return [entry(path) for path in sorted(folder.iterdir())]


def entry(path: Path) -> dict[str, Any]:
    """Return name, kind, size and time of one file; of a folder how many bytes it holds."""
    try:
        facts = path.lstat()
        changed = datetime.fromtimestamp(facts.st_mtime, UTC).isoformat(timespec="seconds")
        about: dict[str, Any] = {
            "name": path.name,
            "changed": changed,
            "mode": f"{facts.st_mode:o}",
        }
        if path.is_dir() and not path.is_symlink():
            sizes = [file.stat().st_size for file in path.rglob("*") if file.is_file()]
            return about | {"files": len(sizes), "bytes": sum(sizes)}
        return about | {"bytes": facts.st_size}
    except OSError as error:
        return {"name": path.name, "unreadable": error.strerror}
