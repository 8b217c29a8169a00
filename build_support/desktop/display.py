"""Whether a window can be shown here, and whether Chromium's sandbox works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from build_support.errors import UsageError

_SANDBOX_FIX = (
    "On Ubuntu: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (until the next "
    "start).\nElsewhere: sudo sysctl -w kernel.unprivileged_userns_clone=1"
)


def check_display(session: str, environment: Mapping[str, str], system: str) -> None:
    """Make sure that there is a screen to show a window on.

    `system` is a value of `sys.platform`. Raises UsageError on a Linux without a display.
    """
    if not _lacks_display(environment, system):
        return
    raise UsageError(
        "There is no screen to show a window on.",
        why="Neither DISPLAY nor WAYLAND_DISPLAY is set.",
        hint=f"In the browser: nox -s {session} -- --browser\n"
        f"On a screen that nobody sees: xvfb-run -a nox -s {session}",
    )


def screen_command(
    environment: Mapping[str, str], system: str, find: Callable[[str], str | None] = shutil.which
) -> tuple[str, ...]:
    """Return the words before a program that needs a screen: none where there is one.

    `system` is a value of `sys.platform`. Raises UsageError on a Linux with neither a display
    nor the program that makes one.
    """
    if not _lacks_display(environment, system):
        return ()
    program = find("xvfb-run")
    if program is None:
        raise UsageError(
            "There is no screen to start an application on.",
            why="Neither DISPLAY nor WAYLAND_DISPLAY is set, and xvfb-run is not installed.",
            hint="Install it: apt-get install xvfb xauth",
        )
    return program, "--auto-servernum"


def _lacks_display(environment: Mapping[str, str], system: str) -> bool:
    named = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return system.startswith("linux") and not named


def sandbox_arguments(
    executable: Path, *, stand_in: bool, root: bool, namespaces: bool
) -> tuple[tuple[str, ...], str]:
    """Return Electron's arguments for its sandbox, and what is to be said about them.

    Chromium refuses to start as root with its sandbox. It needs user namespaces, or a
    helper that belongs to root; where there is neither, only the stand-in of the tests
    goes without.
    """
    if root:
        return ("--no-sandbox",), "Chromium's sandbox is off, because it does not work as root."
    if namespaces or _has_helper(executable.parent / "chrome-sandbox"):
        return (), ""
    if stand_in:
        why = "this machine allows no user namespaces"
        return ("--no-sandbox",), f"Chromium's sandbox is off, because {why}."
    return (), f"Chromium's sandbox needs user namespaces, and has none here.\n{_SANDBOX_FIX}"


def is_root() -> bool:
    """Whether this process has all rights, on a system where Chromium cares."""
    return sys.platform == "linux" and os.geteuid() == 0


def has_user_namespaces(system: str = sys.platform) -> bool:
    """Whether a process without rights may make a user namespace, tried as AppRun tries it.

    `system` is a value of `sys.platform`; only Linux has them.
    """
    if system != "linux":
        return True
    try:
        finished = subprocess.run(
            ["unshare", "--user", "--map-root-user", "true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return True  # without the program that tells, Electron will
    return finished.returncode == 0


def _has_helper(helper: Path) -> bool:
    try:
        status = helper.stat()
    except OSError:
        return False
    return status.st_uid == 0 and bool(status.st_mode & 0o4000)
