"""Which commit a project is at, as its own git says."""

from __future__ import annotations

from pathlib import Path

from build_support.projects.git import ask_git

UNKNOWN = "unknown"


def find_revision(folder: Path) -> str:
    """Return the short commit of a folder, with `+` when tracked files were changed.

    `unknown` when it is not in a git checkout, has no commit yet, or there is no git.
    """
    commit = (ask_git(folder, "rev-parse", "--short=7", "HEAD") or "").strip()
    if not commit:
        return UNKNOWN
    changed = ask_git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{commit}+" if changed else commit
