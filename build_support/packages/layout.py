"""Where things are in a packed application."""

from __future__ import annotations

from pathlib import Path

from build_support.packages.configuration import BUNDLE_FOLDER
from build_support.target import System, host_target


def application_in(folder: Path, system: System) -> Path:
    """Return what users have: the packed folder itself, on macOS the application in it."""
    return next(folder.glob("*.app")) if system == "macos" else folder


def bundle_in(folder: Path, system: System) -> Path:
    """Return the bundle's place in a packed folder."""
    resources = "Contents/Resources" if system == "macos" else "resources"
    return application_in(folder, system) / resources / BUNDLE_FOLDER


def bundle_beside(program: Path, system: System) -> Path:
    """Return the bundle's place, seen from the application's program."""
    if system == "macos":
        return program.parent.parent / "Resources" / BUNDLE_FOLDER
    return program.parent / "resources" / BUNDLE_FOLDER


def has_modes() -> bool:
    """Whether files have modes on this machine."""
    return host_target().system != "windows"
