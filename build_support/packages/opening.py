"""Finished packages as their users have them: unpacked, mounted or installed, for a while."""

from __future__ import annotations

import glob
import os
import plistlib
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from build_support.desktop.unzip import unzip
from build_support.errors import ArchiveError, VerificationError
from build_support.packages.formats import FOLDER
from build_support.processes import run
from build_support.target import System
from build_support.trees import portable_names
from build_support.trees.links import link_problem

#: The format that cannot be opened without changing this machine.
INSTALLER = "nsis"

#: A virus scanner looks at every file that an installer writes.
_INSTALL_SECONDS = 900.0
#: Where Linux packages put the application's folder, and archives their only one.
_BELOW = ("", "*/", "opt/*/")


@dataclass(frozen=True, slots=True)
class Opened:
    """An application that can be started. `variables` are for its environment."""

    program: Path
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Application:
    """What is looked for in an opened package: on Linux a program of the name `slug`."""

    system: System
    slug: str


def find_program(folder: Path, wanted: Application) -> Path:
    """Return the application's program in an opened package.

    Raises VerificationError when it is not there.
    """
    for below in _BELOW:
        found = sorted(folder.glob(below + _pattern(wanted)))
        for path in found:
            program = _in_bundle(path) if wanted.system == "macos" else path
            if program.is_file() and not _removes(program):
                return program
    raise VerificationError(
        "There is no application in the package.",
        why=f"Neither {folder} nor a folder in it has {_pattern(wanted)}.",
        hint="Make the package again.",
    )


def _pattern(wanted: Application) -> str:
    patterns = {"linux": glob.escape(wanted.slug), "macos": "*.app", "windows": "*.exe"}
    return patterns[wanted.system]


def _in_bundle(application: Path) -> Path:
    contents = application / "Contents"
    try:
        with (contents / "Info.plist").open("rb") as stream:
            name = str(plistlib.load(stream)["CFBundleExecutable"])
    except (OSError, plistlib.InvalidFileException, KeyError) as error:
        raise VerificationError(
            f"{application.name} is not a whole application.",
            why=f"Its Info.plist does not name a program: {error!r}",
            hint="Make the package again.",
        ) from None
    return contents / "MacOS" / name


def _removes(program: Path) -> bool:
    return program.name.startswith("Uninstall ")


@contextmanager
def _as_it_is(package: Path, wanted: Application, _: Path) -> Iterator[Opened]:
    yield Opened(find_program(package, wanted))


@contextmanager
def _untarred(package: Path, wanted: Application, scratch: Path) -> Iterator[Opened]:
    try:
        with tarfile.open(package) as archive:
            _check_links(package, archive)
            archive.extractall(scratch, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveError(f"{package.name} cannot be unpacked.", why=str(error)) from None
    yield Opened(find_program(scratch, wanted))


def _check_links(package: Path, archive: tarfile.TarFile) -> None:
    """Follow the links of an archive before it is unpacked: also chains of them stay inside."""
    links = {member.name: member.linkname for member in archive if member.issym()}
    folded = {portable_names.folded(name): target for name, target in links.items()}
    for name, target in links.items():
        wrong = (
            link_problem(name, folded) if not target.startswith("/") else "is a link to the root"
        )
        if wrong:
            raise ArchiveError(f"{package.name} is not safe to unpack.", why=f"{name!r} {wrong}.")


@contextmanager
def _unzipped(package: Path, wanted: Application, scratch: Path) -> Iterator[Opened]:
    unzip(package, scratch)
    yield Opened(find_program(scratch, wanted))


@contextmanager
def _app_image(package: Path, _: Application, __: Path) -> Iterator[Opened]:
    """Start it as it is; unpacked by its own runtime where file systems cannot be mounted."""
    if not os.access(package, os.X_OK):
        # As its users do; downloads lose the mode.
        package.chmod(package.stat().st_mode | 0o111)
    mounter = shutil.which("fusermount3") or shutil.which("fusermount")
    mounted = mounter is not None and Path("/dev/fuse").exists()
    variables = {} if mounted else {"APPIMAGE_EXTRACT_AND_RUN": "1"}
    yield Opened(package, variables)


@contextmanager
def unpacked_app_image(package: Path, wanted: Application, scratch: Path) -> Iterator[Opened]:
    """Unpack an AppImage for this machine by its own runtime, to look into it."""
    _run(package, package.absolute(), "--appimage-extract", folder=scratch)
    yield Opened(find_program(scratch / "squashfs-root", wanted))


@contextmanager
def _debian(package: Path, wanted: Application, scratch: Path) -> Iterator[Opened]:
    _run(package, "dpkg-deb", "--extract", package, scratch)
    yield Opened(find_program(scratch, wanted))


@contextmanager
def _rpm(package: Path, wanted: Application, scratch: Path) -> Iterator[Opened]:
    # bsdtar and rpm2archive are not everywhere; a shell is, and cpio with rpm's own tools.
    script = 'rpm2cpio "$1" | cpio -idm --quiet'
    _run(package, "sh", "-c", script, "sh", package.absolute(), folder=scratch)
    yield Opened(find_program(scratch, wanted))


@contextmanager
def _disk_image(package: Path, wanted: Application, scratch: Path) -> Iterator[Opened]:
    volume = scratch / "volume"
    volume.mkdir()
    options = ("-nobrowse", "-readonly", "-mountpoint", volume)
    _run(package, "hdiutil", "attach", *options, package)
    try:
        yield Opened(find_program(volume, wanted))
    finally:
        _run(package, "hdiutil", "detach", "-force", volume)


@contextmanager
def _installed(package: Path, wanted: Application, scratch: Path) -> Iterator[Opened]:
    """Install it for this user without a question, and uninstall it."""
    folder = scratch / "installed"
    try:
        _run_nsis(f'"{package}" /S /currentuser /D={folder}', package)
        yield Opened(find_program(folder, wanted))
    finally:
        for program in folder.glob("Uninstall *.exe"):
            _run_nsis(f'"{program}" /S /currentuser _?={folder}', package)


def _run(package: Path, *words: str | Path, folder: Path | None = None) -> None:
    run(words, doing=f"Opening {package.name}", folder=folder, timeout=_INSTALL_SECONDS)


def _run_nsis(command: str, package: Path) -> None:
    """Run an installer or uninstaller.

    A line and not words: NSIS takes what follows `/D=` or `_?=` to the end, without quotes.
    """
    finished = subprocess.run(command, check=False, timeout=_INSTALL_SECONDS)
    if finished.returncode != 0:
        raise VerificationError(
            f"{package.name} could not be installed or uninstalled.",
            why=f"{command}\nended with {finished.returncode}.",
        )


#: How each format is opened, in an empty folder outside of which nothing is left afterwards.
#: Raises VerificationError when no application is in a package, ArchiveError when it is
#: damaged, ToolError when the program that opens it fails or is missing.
OPENERS: Mapping[str, Callable[[Path, Application, Path], AbstractContextManager[Opened]]] = {
    FOLDER: _as_it_is,
    "tar.gz": _untarred,
    "zip": _unzipped,
    "AppImage": _app_image,
    "deb": _debian,
    "rpm": _rpm,
    "dmg": _disk_image,
    INSTALLER: _installed,
}
