"""Unpack a zip archive whose bytes are pinned: files, modes, links, and nothing outside."""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from build_support.errors import ArchiveError
from build_support.trees import portable_names
from build_support.trees.links import link_problem

_LONGEST_LINK = 1024
_DRIVE = re.compile(r"[A-Za-z]:")


def unzip(archive: Path, folder: Path) -> None:
    """Unpack an archive into an empty folder.

    Links stay links, and files that their owner may run stay such. Raises ArchiveError,
    having written nothing outside of the folder, when the archive is damaged, a name in it leads
    out or is there twice, or a link leads out, also by way of other links.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            members = source.infolist()
            links = _check_members(source, members, archive)
            for member in members:
                path = folder / _path(member)
                mode = member.external_attr >> 16
                if _path(member) in links:
                    continue
                if member.is_dir():
                    path.mkdir(parents=True, exist_ok=True)
                else:
                    _write(source, member, path)
                    path.chmod(0o755 if mode & 0o100 else 0o644)
            # Last, so that nothing is ever written through one.
            for name, target in links.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(target)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
        raise ArchiveError(
            f"{archive.name} cannot be unpacked.",
            why=str(error),
            hint="Delete it from the cache and run again: nox -s clean -- --cache",
        ) from None


def _check_members(
    source: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], archive: Path
) -> dict[str, str]:
    """Check every name and link before anything is written; return the links' targets."""
    links: dict[str, str] = {}
    kinds: dict[str, bool] = {}
    for member in members:
        name = _path(member)
        if not _is_safe(member):
            raise _unsafe(archive, f"It has a member of an unsafe name: {member.filename!r}.")
        key = portable_names.folded(name)
        if key in kinds and not (kinds[key] and member.is_dir()):
            raise _unsafe(archive, f"{name!r} is in it twice.")
        kinds[key] = member.is_dir()
        if stat.S_ISLNK(member.external_attr >> 16):
            links[name] = _read_link(source, member, archive)
    folded = {portable_names.folded(name): target for name, target in links.items()}
    for name in links:
        if wrong := link_problem(name, folded):
            raise _unsafe(archive, f"{name!r} {wrong}.")
    for member in members:
        for parent in Path(_path(member)).parents:
            if kinds.get(portable_names.folded(parent.as_posix())) is False:
                raise _unsafe(
                    archive,
                    f"{member.filename!r} would be in {str(parent)!r}, which is not a folder.",
                )
    return links


def _path(member: zipfile.ZipInfo) -> str:
    return member.filename.rstrip("/")


def _is_safe(member: zipfile.ZipInfo) -> bool:
    parts = _path(member).split("/")
    plain = not {"", ".", ".."}.intersection(parts)
    return plain and "\\" not in member.filename and ":" not in member.filename


def _read_link(source: zipfile.ZipFile, member: zipfile.ZipInfo, archive: Path) -> str:
    target = b"" if member.file_size > _LONGEST_LINK else source.read(member)
    try:
        text = target.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or text.startswith("/") or "\\" in text or "\0" in text or _DRIVE.match(text):
        raise _unsafe(archive, f"{member.filename!r} is a link that is not a relative path.")
    return text


def _unsafe(archive: Path, why: str) -> ArchiveError:
    return ArchiveError(
        f"{archive.name} is not safe to unpack.",
        why=why,
        hint="Use the file as it was published.",
    )


def _write(source: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with source.open(member) as stream, path.open("xb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)
