"""What packages there are: for which system, made on which, with which tools. One table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from build_support.errors import UsageError
from build_support.packages.tools import APPIMAGE, DMGBUILD, FPM, NSIS, RPMBUILD, Tool
from build_support.target import System

#: The application's folder as it is, which archives are made of.
FOLDER = "dir"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of package. `suffix` ends its file's name; those without `tools` need none.

    `built`: electron-builder makes it, with those tools; the others are made here.
    """

    name: str
    suffix: str
    built: bool
    tools: tuple[Tool, ...] = ()


_ARCHIVES = (
    Format(FOLDER, "", built=False),
    Format("tar.gz", ".tar.gz", built=False),
    Format("zip", ".zip", built=False),
)
_FOLDER, _, _ZIP = _ARCHIVES

_TABLE: Mapping[System, tuple[Format, ...]] = {
    "linux": (
        *_ARCHIVES,
        Format("AppImage", ".AppImage", built=True, tools=(APPIMAGE,)),
        Format("deb", ".deb", built=True, tools=(FPM,)),
        Format("rpm", ".rpm", built=True, tools=(FPM, RPMBUILD)),
    ),
    "macos": (_FOLDER, _ZIP, Format("dmg", ".dmg", built=True, tools=(DMGBUILD,))),
    "windows": (_FOLDER, _ZIP, Format("nsis", ".exe", built=True, tools=NSIS)),
}
FORMATS: Mapping[System, Mapping[str, Format]] = {
    system: {each.name: each for each in formats} for system, formats in _TABLE.items()
}

#: What is made when nothing is said, and in a rehearsal.
USUAL: Mapping[System, tuple[str, ...]] = {
    "linux": ("AppImage", "deb", "rpm", "tar.gz"),
    "macos": ("dmg", "zip"),
    "windows": ("nsis", "zip"),
}
REHEARSED: Mapping[System, tuple[str, ...]] = {
    "linux": (FOLDER, "tar.gz", "zip"),
    "macos": (FOLDER, "zip"),
    "windows": (FOLDER, "zip"),
}
#: On which systems packages for a system can be made. Apple's tools run on macOS only.
HOSTS: Mapping[System, tuple[System, ...]] = {
    "linux": ("linux",),
    "macos": ("macos",),
    "windows": ("windows", "linux", "macos"),
}


def choose_formats(
    system: System, named: Sequence[str] | None, *, rehearse: bool
) -> tuple[Format, ...]:
    """Return the formats that are asked for, in the order of the table.

    Raises UsageError for one that the system does not have.
    """
    known = FORMATS[system]
    wanted = named if named is not None else (REHEARSED if rehearse else USUAL)[system]
    lower = {name.lower(): name for name in known}
    if unknown := [name for name in wanted if name.lower() not in lower]:
        raise UsageError(
            f"There is no format {', '.join(unknown)} for {system}.",
            hint=f"Choose from: {', '.join(known)}.",
        )
    chosen = {lower[name.lower()] for name in wanted}
    if not chosen:
        raise UsageError("No format is named.", hint=f"Choose from: {', '.join(known)}.")
    return tuple(each for each in known.values() if each.name in chosen)


def check_host(system: System, host: System) -> None:
    """Make sure that packages for a system can be made on this one. Raises UsageError."""
    if host not in HOSTS[system]:
        raise UsageError(
            f"Packages for {system} cannot be made on {host}.",
            why="They hold links and modes that other systems lose."
            if system == "linux"
            else "They need Apple's own tools.",
            hint=f"Make them on: {', '.join(HOSTS[system])}.",
        )
