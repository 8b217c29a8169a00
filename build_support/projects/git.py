"""What git knows of a project's files. Asks the git that is installed; runs no hook."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

#: Variables of git that say how it is set up. Those that name a repository (GIT_DIR, GIT_INDEX_FILE
#: and the like are set while a hook runs) would make it answer for another one.
_KEPT_VARIABLES = frozenset(
    {
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
    }
)
#: A checkout may belong to another user (a container, a mounted folder). Git's protection is
#: about programs that its configuration names; only reading commands are run, without them.
_OPTIONS = ("--no-optional-locks", "-c", "safe.directory=*", "-c", "core.fsmonitor=false")
_SECONDS = 120.0


def ask_git(folder: Path, *argv: str) -> str | None:
    """Return what a git command writes in a folder.

    None when there is no git, the folder is in no repository, or the command fails. File names
    that are not UTF-8 come back as `os.fsdecode` would give them.
    """
    git = shutil.which("git")
    if git is None or not folder.is_dir():
        return None
    try:
        finished = subprocess.run(
            [git, *_OPTIONS, "-C", folder, *argv],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=git_environment(os.environ),
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if finished.returncode != 0:
        return None
    return finished.stdout.decode("utf-8", "surrogateescape")


def git_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which git looks for the repository of the folder it runs in."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.upper().startswith("GIT_") or name.upper() in _KEPT_VARIABLES
    }
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
