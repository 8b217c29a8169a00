"""Extract an interpreter's archive, believing nothing that it says about itself.

The shape is python-build-standalone's `install_only` (docs/distributions.rst): a gzipped tar
whose every member lies below `python/`.
"""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from build_support.errors import ArchiveError
from build_support.target import PYTHON_SERIES, System, Target
from build_support.trees.archive_policy import Kind, Limits, Policy, RefusedError
from build_support.trees.archive_stream import CHUNK, DecompressedStream
from build_support.trees.binaries import read_binary

__all__ = ["FIXED_TIME", "SKIPPED_FOLDERS", "Limits", "check_layout", "extract"]

#: Left out while extracting. Published Linux archives hold terminfo entries whose names differ
#: in case only, some of them links to each other (python-build-standalone issue 231). Pruning
#: removes the folder anyway.
SKIPPED_FOLDERS = ("python/share/terminfo",)

#: Modification time of everything extracted, in seconds: 1980-01-01 UTC, the oldest time that
#: zip files and every file system can hold.
FIXED_TIME = 315_532_800

_FETCH_AGAIN = "Fetch the archive again; if it is a file of your own, copy it again."
_USE_PUBLISHED = "Use an install_only archive of python-build-standalone, as it was published."
_COPY_CHUNK = 256 * 1024


def extract(
    archive: Path,
    folder: Path,
    *,
    limits: Limits | None = None,
    skipped: Collection[str] = SKIPPED_FOLDERS,
) -> None:
    """Extract an install_only .tar.gz into an empty folder, as `folder/python/…`.

    Files get mode 0644 or 0755, folders 0755, everything one fixed time, and nothing the
    owner in the archive. Members below `skipped` count for the limits but are not compared
    with others and not written. Nothing is ever written outside `folder`; after a failure
    what is inside is worthless. Raises ArchiveError for anything that is damaged, unsafe or
    larger than the limits, and OSError when the disk fails.
    """
    policy = Policy(limits or Limits(), skipped)
    writer = _Writer(folder)
    name = ""
    try:
        with archive.open("rb") as compressed:
            stream = DecompressedStream(compressed, policy.limits)
            with tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK, encoding="utf-8") as tar:
                for member in tar:
                    name = member.name
                    kind = policy.admit(member)
                    stream.allow(member.offset_data + member.size)
                    if kind is not None:
                        tarfile.data_filter(member, str(folder))
                        writer.write(tar, member, kind)
                stream.check_end(tar.offset)
        name = ""
        policy.follow_links()
        writer.finish()
    except (RefusedError, tarfile.FilterError) as refusal:
        raise _unsafe(archive, name, refusal) from None
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as damage:
        raise ArchiveError(
            f"The archive {archive.name} is damaged.",
            why=f"{_sentence(damage)} after {name!r}." if name else f"{_sentence(damage)}.",
            hint=_FETCH_AGAIN,
        ) from None


def check_layout(python: Path, target: Target) -> None:
    """Check that a tree is an interpreter of the target: its layout, system and processor.

    Raises ArchiveError. Nothing is run, because the target may not be this machine.
    """
    for required in (str(target.layout.executable), *_REQUIRED[target.system]):
        path = python / required
        if not path.is_file() or python.resolve() not in path.resolve().parents:
            raise ArchiveError(
                f"This is no CPython {PYTHON_SERIES} for {target}.",
                why=f"There is no file python/{required} in it.",
                hint=f"Use an install_only archive of CPython {PYTHON_SERIES} for {target}.",
            )
    executable = _native_executable(python, target)
    binary = read_binary(executable)
    if binary is None or binary.system != target.system or target.machine not in binary.machines:
        found = f"for {binary.system} on {'/'.join(sorted(binary.machines))}" if binary else "none"
        raise ArchiveError(
            f"This is no CPython for {target}.",
            why=f"As a native program {executable.relative_to(python.resolve())} is {found}.",
            hint=f"Use an install_only archive for {target}, or name its target with --target.",
        )


_REQUIRED: Mapping[System, tuple[str, ...]] = {
    "linux": (f"lib/python{PYTHON_SERIES}/os.py",),
    "macos": (f"lib/python{PYTHON_SERIES}/os.py",),
    "windows": ("Lib/os.py", f"python{PYTHON_SERIES.replace('.', '')}.dll"),
}
#: Where the program is that a script in the executable's place starts (option B).
_BEHIND_SCRIPT: Mapping[System, PurePosixPath] = {
    "linux": PurePosixPath(f"lib/runtime/python{PYTHON_SERIES}"),
}


def _native_executable(python: Path, target: Target) -> Path:
    executable = (python / target.layout.executable).resolve()
    behind = _BEHIND_SCRIPT.get(target.system)
    if behind is None:
        return executable
    with executable.open("rb") as stream:
        is_script = stream.read(9) == b"#!/bin/sh"
    native = python.resolve() / behind
    return native if is_script and native.is_file() else executable


@dataclass(slots=True)
class _Writer:
    """Puts admitted members on the disk, below one folder."""

    folder: Path
    _folders: set[Path] = field(default_factory=set)

    def write(self, tar: tarfile.TarFile, member: tarfile.TarInfo, kind: Kind) -> None:
        path = self.folder / member.name
        self._make_folder(path if kind == "folder" else path.parent)
        if kind == "link":
            _make_link(path, member.linkname)
            return
        if kind == "folder":
            return
        source: IO[bytes] | None = (
            tar.extractfile(member)
            if kind == "file"
            else (self.folder / member.linkname).open("rb")
        )
        if source is None:
            raise tarfile.ReadError(f"There is nothing of {member.name}")
        with source, path.open("xb") as written:
            shutil.copyfileobj(source, written, _COPY_CHUNK)
        executable = bool(member.mode & 0o111)
        if kind == "copy":
            executable = bool((self.folder / member.linkname).stat().st_mode & 0o111)
        path.chmod(0o755 if executable else 0o644)
        os.utime(path, (FIXED_TIME, FIXED_TIME))

    def finish(self) -> None:
        """Give all folders their mode and time, which writing into them has changed."""
        for path in self._folders:
            path.chmod(0o755)
            os.utime(path, (FIXED_TIME, FIXED_TIME))

    def _make_folder(self, path: Path) -> None:
        if path not in self._folders and path != self.folder:
            self._make_folder(path.parent)
            path.mkdir()
            self._folders.add(path)


def _make_link(path: Path, target: str) -> None:
    try:
        path.symlink_to(target)
    except NotImplementedError:
        raise _no_links(path, "not implemented") from None
    except OSError as error:
        if error.errno in _CANNOT_LINK:
            raise _no_links(path, error.strerror or str(error)) from None
        raise
    if os.utime in os.supports_follow_symlinks:
        os.utime(path, (FIXED_TIME, FIXED_TIME), follow_symlinks=False)


# Windows says EINVAL (its error 1314) to a user without the right to create links.
_CANNOT_LINK = frozenset({errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


def _no_links(path: Path, why: str) -> ArchiveError:
    return ArchiveError(
        "This machine cannot create the symbolic links of the archive.",
        why=f"{path.name}: {why}",
        hint="On Windows turn on Developer Mode, or bundle for Linux and macOS on those systems.",
    )


def _unsafe(archive: Path, name: str, refusal: Exception) -> ArchiveError:
    member = getattr(refusal, "member", "") or name
    subject = f"Its member {member!r}" if member else "It"
    return ArchiveError(
        f"The archive {archive.name} is not safe to extract.",
        why=f"{subject} {refusal}.",
        hint=_USE_PUBLISHED,
    )


def _sentence(error: Exception) -> str:
    text = str(error).rstrip(".")
    return text[:1].upper() + text[1:] if text else type(error).__name__
