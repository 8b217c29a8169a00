"""What is never shipped, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import PurePath

from build_support.projects.secrets import secret_reason

#: Never shipped, wherever it is, whatever .gitignore says and in whatever case it is
#: written. Each with its reason.
NEVER: Mapping[str, str] = {
    ".*": "hidden: version control, .env, editors, caches",
    "__pycache__": "bytecode of another Python",
    "*.py[co]": "bytecode of another Python",
    "*.sqlite3": "a developer's database",
    "*.sqlite": "a developer's database",
    "*.db": "a developer's database",
    "*.sqlite3-*": "a developer's database",
    "*.sqlite-*": "a developer's database",
    "*.db-*": "a developer's database",
    "*.log": "a developer's logs",
    "*.egg-info": "made by an installer",
    "node_modules": "the front end's tools",
}
#: Never shipped when it is directly in the project's folder.
NEVER_AT_TOP: Mapping[str, str] = {
    "media": "a developer's uploads",
    "data": "a developer's data",
    "venv": "a virtual environment",
    "env": "a virtual environment",
    "build": "made by a build",
    "dist": "made by a build",
}


def is_never_shipped(path: PurePath) -> bool:
    """Whether a file or folder of `source` is left out for its name alone."""
    at_top = len(path.parts) == 1 and path.name.lower() in NEVER_AT_TOP
    hidden = any(fnmatchcase(path.name.lower(), pattern) for pattern in NEVER)
    return at_top or hidden or bool(secret_reason(path))
