"""Run Windows programs on Linux with Wine, in a Windows of their own that is deleted afterwards."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from tests import needs

_PLACES = ("/usr/lib/wine/wine64",)  # Debian puts only a wrapper on PATH, and not always
_START_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Wine:
    """A running Windows. Programs get `environment` and nothing of this machine's."""

    program: Path
    environment: Mapping[str, str]

    def start(self, words: Sequence[object], folder: Path) -> subprocess.Popen[bytes]:
        """Start a Windows program in a folder.

        With pipes for all three streams: CPython under Wine cannot use a regular file.
        """
        return subprocess.Popen(
            [self.program, *map(str, words)],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def windows_path(path: Path) -> PureWindowsPath:
    """Return how a Windows program names a file of this machine."""
    return PureWindowsPath("Z:", *path.absolute().parts)


def need_wine() -> Path:
    """Return the program that runs Windows programs; skip the test where there is none."""
    found = (shutil.which("wine64"), shutil.which("wine"), *_PLACES)
    programs = [Path(name) for name in found if name and Path(name).is_file()]
    if platform.system() != "Linux" or not programs:
        needs.skip("wine", "Wine on Linux is needed (Debian: apt-get install wine64)")
    return programs[0]


@contextmanager
def running_windows(program: Path, folder: Path) -> Iterator[Wine]:
    """Make a Windows in a new folder, let it run, stop it and delete it: it is 700 MB large.

    Its services are started here, without our pipes: a program that starts them hands its own
    on to them, and whoever reads those waits for the services to end.
    """
    home = folder / "home"
    prefix = folder / "prefix"
    for path in (home, prefix):
        path.mkdir(parents=True)
    environment = {
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        # Neither .NET nor a browser, and nothing in the menus of the desktop.
        "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": os.defpath,
    }
    server = _wine_server(program)

    def call(*words: str | Path) -> None:
        subprocess.run(
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_START_SECONDS,
            check=True,
        )

    try:
        call(server, "--persistent")
        call(program, "wineboot", "--init")
        yield Wine(program, environment)
    finally:
        call(server, "--kill")
        call(server, "--wait")
        shutil.rmtree(folder)


def _wine_server(program: Path) -> Path:
    beside = program.resolve().with_name("wineserver")
    return beside if beside.is_file() else Path(shutil.which("wineserver") or beside)
