"""Whether the bundle inside a finished package is the one that was put there, byte by byte."""

from __future__ import annotations

import hashlib
import stat
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from build_support.bundles.manifest import DESCRIBING_FILES, LISTING_FILE
from build_support.errors import VerificationError
from build_support.lists import listed
from build_support.trees import listing
from build_support.trees.listing import LINK, Entry

_BLOCK = 1 << 20
_SHOWN = 10


def check_folder(bundle: Path, inside: Path, *, modes: bool) -> None:
    """Compare the bundle inside an unpacked package with the one that it was made from.

    Without `modes` it does not count whether a file may be run: Windows does not know. Raises
    VerificationError that names what differs.
    """
    differences = listing.compare(
        inside, _entries(bundle), content=True, modes=modes, exclude=DESCRIBING_FILES
    )
    differences += [
        f"{name} has changed"
        for name in sorted(DESCRIBING_FILES)
        if not (inside / name).is_file()
        or (inside / name).read_bytes() != (bundle / name).read_bytes()
    ]
    _refuse(differences, inside)


def check_archive(bundle: Path, archive: Path, place: PurePosixPath) -> None:
    """Compare the bundle inside an archive, in the folder `place`, as it would be unpacked.

    Raises VerificationError that names what differs.
    """
    read = _read_zip if archive.suffix == ".zip" else _read_tar
    found = {entry.path: entry for entry in read(archive, f"{place.as_posix()}/")}
    wanted = {entry.path: entry for entry in (*_entries(bundle), *_describing(bundle))}
    differences = [f"{path} is missing" for path in sorted(wanted.keys() - found.keys())]
    differences += [
        f"{path} does not belong there" for path in sorted(found.keys() - wanted.keys())
    ]
    differences += [
        f"{path} has changed"
        for path in sorted(wanted.keys() & found.keys())
        if wanted[path] != found[path]
    ]
    _refuse(differences, archive)


def digests_of_describing_files(bundle: Path) -> Mapping[str, str]:
    """Return the SHA-256 of the files that describe a bundle, by name."""
    return {entry.path: entry.content for entry in _describing(bundle)}


def _entries(bundle: Path) -> list[Entry]:
    return listing.parse_listing((bundle / LISTING_FILE).read_text(encoding="utf-8"))


def _describing(bundle: Path) -> Iterator[Entry]:
    for name in sorted(DESCRIBING_FILES):
        content = (bundle / name).read_bytes()
        yield Entry("644", len(content), hashlib.sha256(content).hexdigest(), name)


def _refuse(differences: Iterable[str], where: Path) -> None:
    problems = list(differences)
    if problems:
        raise VerificationError(
            f"The bundle in {where.name} is not the one that was put there.",
            why=listed(problems, most=_SHOWN),
            hint="Make the package again; if that does not help, report it.",
        )


def _read_tar(archive: Path, prefix: str) -> Iterator[Entry]:
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            name = member.name
            if not name.startswith(prefix) or member.isdir():
                continue
            path = name.removeprefix(prefix)
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is None:
                yield Entry(LINK, 0, member.linkname, path)
            else:
                digest, size = _hash(stream)
                yield Entry(_mode(member.mode), size, digest, path)


def _read_zip(archive: Path, prefix: str) -> Iterator[Entry]:
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            if not member.filename.startswith(prefix) or member.is_dir():
                continue
            path, mode = member.filename.removeprefix(prefix), member.external_attr >> 16
            if stat.S_ISLNK(mode):
                yield Entry(LINK, 0, packed.read(member).decode(), path)
                continue
            with packed.open(member) as stream:
                digest, size = _hash(stream)
            yield Entry(_mode(mode), size, digest, path)


def _hash(stream: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def _mode(mode: int) -> str:
    return "755" if mode & 0o111 else "644"
