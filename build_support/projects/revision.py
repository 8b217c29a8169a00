"""Which commit a project is at, as its own git says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

UNKNOWN = "unknown"


def find_revision(folder: Path) -> str:
    """Return the short commit of a folder, with `+` when tracked files were changed.

    `unknown` when it is not in a git checkout, has no commit yet, or there is no git.
    """
    git = shutil.which("git")
    if git is None:
        return UNKNOWN
    commit = _ask(git, folder, "rev-parse", "--short=7", "HEAD")
    if not commit:
        return UNKNOWN
    changed = _ask(git, folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{commit}+" if changed else commit


def _ask(git: str, folder: Path, *arguments: str) -> str:
    finished = subprocess.run(
        [git, "--no-optional-locks", "-C", folder, *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return finished.stdout.strip() if finished.returncode == 0 else ""
