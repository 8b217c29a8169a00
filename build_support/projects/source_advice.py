"""Which folders of a project look as if they belonged to the application."""

from __future__ import annotations

import json
from pathlib import Path, PurePath

from build_support.projects.never_shipped import is_never_shipped

#: Folders that Django reads, or that projects usually name so, without Python in them.
_RESOURCES = frozenset(
    {"assets", "fixtures", "frontend", "locale", "public", "static", "templates"}
)
#: What developers need and applications do not.
_DEVELOPMENT = frozenset({"doc", "docs", "example", "examples", "scripts", "test", "tests"})


def propose_source(root: Path) -> str:
    """Return the line `source = […]` with what a project's folder has at its top.

    It has `manage.py`, the folders with Python in them and those of templates, static files and
    translations. Nothing is imported, and what cannot be read is not named.
    """
    try:
        folders = sorted(entry.name for entry in root.iterdir() if entry.is_dir())
    except OSError:
        folders = []
    names = [name for name in folders if _belongs(root / name)]
    if (root / "manage.py").is_file():
        names.insert(0, "manage.py")
    return f"source = {json.dumps(names or ['manage.py', 'notes'], ensure_ascii=False)}"


def _belongs(folder: Path) -> bool:
    name = folder.name.lower()
    never = is_never_shipped(PurePath(name)) or (folder / "pyvenv.cfg").exists()
    if never or name in _DEVELOPMENT:
        return False
    return name in _RESOURCES or any(folder.glob("*.py")) or any(folder.glob("*/__init__.py"))
