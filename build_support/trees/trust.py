"""Whether only this user (and root) can have written what is in a folder."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from build_support.errors import UsageError


def require_own(*folders: Path) -> None:
    """Make sure that each folder, if it is there, belongs to this user and to nobody else.

    Root's folders are trusted as well. A folder that everybody may write, with the sticky bit
    (`/tmp`), is one in which others cannot replace what is ours. Systems without owners are not
    looked at: on Windows folders below a user's profile inherit its access list. Raises
    UsageError.
    """
    if os.name == "nt":
        return
    for folder in folders:
        try:
            status = folder.lstat()
        except FileNotFoundError:
            continue
        if stat.S_ISLNK(status.st_mode) and status.st_uid in _trusted_users():
            status = folder.stat()
        if problem := _problem(status):
            why, remedy = problem
            raise UsageError(
                f"The cache {folder} {why}.",
                why="Whoever can write there decides what gets into bundles.",
                hint=f"{remedy}, and delete what is in it: nox -s clean -- --cache\n"
                "Or point DJDESK_CACHE_DIR at a folder of your own.",
            )


def _problem(status: os.stat_result) -> tuple[str, str] | None:
    """Return what is wrong with a folder, and how to correct it."""
    if status.st_uid not in _trusted_users():
        return f"belongs to another user (number {status.st_uid})", "Make it your own (chown)"
    if status.st_mode & stat.S_ISVTX:
        return None
    if status.st_mode & stat.S_IWOTH:
        return "can be written by every user", "Take that right away (chmod go-w)"
    # Where every user has a group of the same name, new folders are writable by that group.
    if status.st_mode & stat.S_IWGRP and status.st_gid not in _trusted_groups():
        return "can be written by another group", "Take that right away (chmod g-w)"
    return None


def _trusted_users() -> set[int]:
    users = {0}
    if sys.platform != "win32":
        users.add(os.geteuid())
    return users


def _trusted_groups() -> set[int]:
    groups = {0}
    if sys.platform != "win32":
        groups.add(os.getegid())
    return groups
