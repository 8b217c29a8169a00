"""Unpack a zip archive whose bytes are pinned: files, modes, links, and nothing outside."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from build_support.errors import ArchiveError

_LONGEST_LINK = 1024


def unzip(archive: Path, folder: Path) -> None:
    """Unpack an archive into a folder that is there.

    Links stay links, and files that their owner may run stay such. Raises ArchiveError,
    having written nothing outside of the folder, when the archive is damaged or a name or
    a link in it leads out.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            links: list[tuple[Path, str]] = []
            for member in source.infolist():
                path = folder.joinpath(*_inside(member.filename, archive).parts)
                mode = member.external_attr >> 16
                if stat.S_ISLNK(mode):
                    links.append((path, _link(source, member, archive)))
                elif member.is_dir():
                    path.mkdir(parents=True, exist_ok=True)
                else:
                    _write(source, member, path)
                    path.chmod(0o755 if mode & 0o100 else 0o644)
            # Last, so that nothing is ever written through one.
            for path, leads_to in links:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(leads_to)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise ArchiveError(
            f"{archive.name} cannot be unpacked.",
            why=str(error),
            hint="Delete it from the cache and run again: nox -s clean -- --cache",
        ) from None


def _inside(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.parts:
        raise ArchiveError(f"{archive.name} has a member of an unsafe name: {name!r}.")
    return path


def _link(source: zipfile.ZipFile, member: zipfile.ZipInfo, archive: Path) -> str:
    leads_to = source.read(member).decode() if member.file_size <= _LONGEST_LINK else ""
    if not leads_to or _leads_out(PurePosixPath(member.filename).parent, leads_to):
        raise ArchiveError(f"{archive.name} has a link that leads out: {member.filename!r}.")
    return leads_to


def _leads_out(folder: PurePosixPath, link: str) -> bool:
    depth = len(folder.parts)
    for part in PurePosixPath(link).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return True
    return link.startswith("/") or "\\" in link


def _write(source: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with source.open(member) as stream, path.open("xb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)
