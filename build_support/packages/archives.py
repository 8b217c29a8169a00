"""Archives of a folder, the same for the same files: tar.gz and zip, with links and modes.

electron-builder can write them too, with a 7zip that it fetches and with the times of the
moment. Here nothing has to be fetched, and two packages of one commit are equal.
"""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from build_support.trees.folders import FILE_TIME

#: zlib's own default: the next levels take twice the time for one part in a hundred.
_LEVEL = 6
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
_UNIX = 3
_BLOCK = 1 << 20


def write_tar(folder: Path, archive: Path) -> None:
    """Pack a folder, under its own name, as tar.gz."""
    with (
        archive.open("xb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in walk(folder):
            member = tarfile.TarInfo(path.relative_to(folder.parent).as_posix())
            member.mtime = FILE_TIME
            member.mode = mode_of(path)
            if path.is_symlink():
                member.type, member.linkname = tarfile.SYMTYPE, str(path.readlink())
                tar.addfile(member)
            elif path.is_dir():
                member.type = tarfile.DIRTYPE
                tar.addfile(member)
            else:
                member.size = path.stat().st_size
                with path.open("rb") as stream:
                    tar.addfile(member, stream)


def write_zip(folder: Path, archive: Path) -> None:
    """Pack a folder, under its own name, as zip: links as Unix systems write them."""
    with zipfile.ZipFile(archive, "x", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as packed:
        for path in walk(folder):
            name = path.relative_to(folder.parent).as_posix()
            is_folder = path.is_dir() and not path.is_symlink()
            member = zipfile.ZipInfo(f"{name}/" if is_folder else name, _ZIP_TIME)
            member.create_system = _UNIX
            member.external_attr = (_kind(path) | mode_of(path)) << 16
            if is_folder:
                member.external_attr |= 0x10  # MS-DOS's mark of a folder
                packed.writestr(member, b"")
            elif path.is_symlink():
                packed.writestr(member, str(path.readlink()).encode())
            else:
                _add_file(packed, member, path)


def walk(folder: Path) -> Iterator[Path]:
    """Yield a folder and all below it, each folder before its content, in the order of names."""
    yield folder
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.is_dir() and not path.is_symlink():
            yield from walk(path)
        else:
            yield path


def mode_of(path: Path) -> int:
    """Return the mode in a package: programs and folders 0755, files 0644, links 0777."""
    if path.is_symlink():
        return 0o777
    status = path.stat()
    return 0o755 if stat.S_ISDIR(status.st_mode) or status.st_mode & 0o100 else 0o644


def _kind(path: Path) -> int:
    if path.is_symlink():
        return stat.S_IFLNK
    return stat.S_IFDIR if path.is_dir() else stat.S_IFREG


def _add_file(packed: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    member.file_size = path.stat().st_size
    member.compress_type = zipfile.ZIP_DEFLATED
    with path.open("rb") as stream, packed.open(member, "w") as into:
        while block := stream.read(_BLOCK):
            into.write(block)


#: How each archive is made, by the name of its format.
WRITERS: Mapping[str, Callable[[Path, Path], None]] = {"tar.gz": write_tar, "zip": write_zip}
