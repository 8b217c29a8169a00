"""Electron, which carries Chromium and Node.js, with the licences that its makers collected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from build_support.errors import VerificationError
from build_support.licences.parts import Notice, Part

#: In an unpacked Electron, with the names that electron-builder gives them in a package.
LICENCE_FILES = {
    "LICENSE": "LICENSE.electron.txt",
    "LICENSES.chromium.html": "LICENSES.chromium.html",
}


@dataclass(frozen=True, slots=True)
class Electron:
    """An Electron: its version, the SHA-256 of its archive (empty if unknown), unpacked where."""

    version: str
    sha256: str
    folder: Path


def electron_part(electron: Electron) -> Part:
    """Return Electron as a part. Raises VerificationError when its licences are missing."""
    for name in LICENCE_FILES:
        if not (electron.folder / name).is_file():
            raise VerificationError(
                f"Electron's {name} is not in {electron.folder}.",
                why="Nobody may pass Electron on without it.",
                hint="Unpack Electron's archive again, all of it.",
            )
    text = (electron.folder / "LICENSE").read_text(encoding="utf-8")
    pointer = "Licences of Chromium and Node.js are in the file LICENSES.chromium.html."
    notices = (Notice("LICENSE", text), Notice("Chromium and Node.js", pointer))
    return Part("Electron", electron.version, "MIT", "https://www.electronjs.org/", notices)
