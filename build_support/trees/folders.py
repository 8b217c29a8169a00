"""Folders as values: the same modes and times everywhere, copied and exchanged as a whole."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePosixPath

from build_support.trees.moving import delete_folder, move

#: Names of the parts of a bundle (see docs/bundle.md).
BUNDLE_PYTHON = PurePosixPath("python")
BUNDLE_PACKAGES = PurePosixPath("packages")
BUNDLE_APP = PurePosixPath("app")
BUNDLE_STATIC = PurePosixPath("static")

#: The one time that every file and folder of a bundle carries: 2020-01-01, in UTC.
#: Zip cannot hold times before 1980, and some tools take 0 for "no time".
FILE_TIME = 1_577_836_800

_WORKERS = 4


def normalise(folder: Path) -> None:
    """Give everything below a folder the modes and the time of a bundle, whatever the umask.

    Files become 0755 where their owner may run them and 0644 elsewhere, folders 0755.
    """
    for name, _, _ in os.walk(folder, topdown=False, onerror=_fail):
        normalise_level(Path(name))


def normalise_level(folder: Path) -> None:
    """Do what `normalise` does for a folder and the files in it, and not below."""
    for entry in os.scandir(folder):
        if entry.is_symlink():
            _set_time(Path(entry))
        elif entry.is_file():
            Path(entry).chmod(0o755 if entry.stat().st_mode & 0o100 else 0o644)
            _set_time(Path(entry))
    folder.chmod(0o755)
    _set_time(folder)


def _set_time(path: Path) -> None:
    follow = os.utime not in os.supports_follow_symlinks
    os.utime(path, (FILE_TIME, FILE_TIME), follow_symlinks=follow)


def copy_tree(
    source: Path,
    destination: Path,
    same: Mapping[Path, Path] | None = None,
    omitted: Collection[Path] = (),
) -> None:
    """Copy a normalised tree, links as links, with several threads; the copy is one as well.

    `same` names, for files of `source`, other files that are equal in every way: a hard
    link to such a one takes the place of the copy, where the system can make it. Of the
    `omitted` folders of `source` there is none.
    """
    known = same or {}
    copies: list[Future[None]] = []
    folders: list[Path] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        for name, children, files in os.walk(source, onerror=_fail):
            children[:] = [child for child in children if Path(name, child) not in omitted]
            into = destination / Path(name).relative_to(source)
            into.mkdir(parents=True, exist_ok=True)
            folders.append(into)
            links = [child for child in children if Path(name, child).is_symlink()]
            copies += [
                pool.submit(_copy, Path(name, file), into / file, known.get(Path(name, file)))
                for file in (*files, *links)
            ]
    for copy in copies:
        copy.result()
    for folder in reversed(folders):
        folder.chmod(0o755)
        _set_time(folder)


def _copy(source: Path, destination: Path, same: Path | None) -> None:
    if same is not None and not same.is_symlink():
        with suppress(OSError):
            destination.hardlink_to(same)
            return
    shutil.copy2(source, destination, follow_symlinks=False)


def remove_tree(folder: Path) -> None:
    """Delete a folder if it is there, also one with read-only folders in it.

    Of a link to a folder, the link is deleted.
    """
    if folder.is_symlink():
        folder.unlink()
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except OSError:
        folder.chmod(0o700)
        for name, folders, files in os.walk(folder):
            for child in (*folders, *files):
                path = Path(name, child)
                if not path.is_symlink():
                    path.chmod(0o700)
        delete_folder(folder)


def remove_empty_folders(folder: Path) -> None:
    """Delete the folders below a folder that hold no file: some packages lose them, some do not."""
    for name, _, _ in os.walk(folder, topdown=False, onerror=_fail):
        path = Path(name)
        if path != folder and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()


def _fail(error: OSError) -> None:
    raise error


def replace_tree(new: Path, current: Path) -> None:
    """Put `new` in the place of `current`, and delete what was there.

    At every moment `current` is the old tree or the new one, wherever the system can
    exchange two names at once (Linux, macOS). On Windows the old one is put aside as
    `.<current>.old` first; `recover_tree` brings it back if that is all that happened.
    """
    if not current.exists():
        remove_tree(current)  # a link that leads nowhere
        move(new, current)
        return
    exchange = _EXCHANGES.get(sys.platform)
    if exchange is not None and exchange(new, current):
        remove_tree(new)
        return
    aside = _aside(current)
    remove_tree(aside)
    move(current, aside)
    try:
        move(new, current)
    except OSError:
        move(aside, current)
        raise
    remove_tree(aside)


def recover_tree(current: Path) -> None:
    """Finish or undo what a killed `replace_tree` left half done."""
    aside = _aside(current)
    if aside.exists() and not current.exists():
        move(aside, current)
    remove_tree(aside)


def _aside(current: Path) -> Path:
    return current.with_name(f".{current.name}.old")


def _exchange_on_linux(first: Path, second: Path) -> bool:
    """renameat2(2) with RENAME_EXCHANGE; false where the C library or file system lacks it."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(rename(here, os.fsencode(first), here, os.fsencode(second), exchange) == 0)


def _exchange_on_macos(first: Path, second: Path) -> bool:
    """renamex_np(2) with RENAME_SWAP; false where the file system lacks it."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renamex_np", None)
    swap = 2  # RENAME_SWAP
    return rename is not None and bool(rename(os.fsencode(first), os.fsencode(second), swap) == 0)


_EXCHANGES: Mapping[str, Callable[[Path, Path], bool]] = {
    "linux": _exchange_on_linux,
    "darwin": _exchange_on_macos,
}
