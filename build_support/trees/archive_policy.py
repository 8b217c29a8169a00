"""What a member of an archive must be to get extracted. Decides only; touches no disk."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from build_support.trees import portable_names
from build_support.trees.links import link_problem

#: The first component of every member's name.
ROOT = "python"

Kind = Literal["file", "folder", "link", "copy"]

_KINDS: Mapping[bytes, Kind] = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "copy",
}
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an archive may be. Sizes in bytes, `path` in characters.

    `ratio` is of all decompressed to all compressed bytes, and counts once more than
    `ratio_from` bytes have come out. The largest published archives hold about 5,000 members
    and 0.5 GB, at a ratio of about 4.
    """

    members: int = 50_000
    total: int = 1_500_000_000
    member: int = 500_000_000
    path: int = 240
    ratio: int = 200
    ratio_from: int = 16_000_000


class RefusedError(Exception):
    """A member may not be extracted.

    The text says why, as the end of "Its member … "; `member` is its name where it is not the
    one just read.
    """

    def __init__(self, why: str, *, member: str = "") -> None:
        super().__init__(why)
        self.member = member


@dataclass(slots=True)
class Policy:
    """Judges the members of one archive in their order, and its links at the end.

    Members below the `skipped` folders are counted and their paths are checked, and then they
    are left out before any name is compared with another.
    """

    limits: Limits
    skipped: Collection[str] = ()
    _members: int = 0
    _bytes: int = 0
    _kinds: dict[str, Kind] = field(default_factory=dict)
    _spellings: dict[str, str] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _links: dict[str, str] = field(default_factory=dict)

    def admit(self, member: tarfile.TarInfo) -> Kind | None:
        """Return what is to be made of a member, or None if it is to be left out.

        Raises RefusedError.
        """
        parts = _parts(member.name)
        self._count(member.size)
        if any(f"{member.name}/".startswith(f"{folder}/") for folder in self.skipped):
            return None
        self._check_names(member.name, parts)
        kind = _kind(member)
        self._register(parts, kind)
        if kind == "file":
            self._sizes[member.name] = member.size
        elif kind == "copy":
            self._admit_copy(member)
        elif kind == "link":
            _check_target(member.linkname)
            self._links[portable_names.folded(member.name)] = member.linkname
            self._follow(member.name)
        return kind

    def follow_links(self) -> None:
        """Follow every link once more. Raises RefusedError naming one that leaves the tree.

        Only now is it known which parts of a link's target are links themselves.
        """
        for name, kind in self._kinds.items():
            if kind == "link":
                self._follow(name)

    def _count(self, size: int) -> None:
        self._members += 1
        if self._members > self.limits.members:
            raise RefusedError(f"is one more than the {self.limits.members:,} allowed")
        if not 0 <= size <= self.limits.member:
            raise RefusedError(f"has {size:,} bytes, and {self.limits.member:,} are allowed")
        self._add_bytes(size)

    def _add_bytes(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self.limits.total:
            raise RefusedError(
                f"makes the whole larger than the {self.limits.total:,} bytes allowed"
            )

    def _check_names(self, name: str, parts: list[str]) -> None:
        if len(name) > self.limits.path:
            raise RefusedError(f"has a path of more than {self.limits.path} characters")
        for part in parts:
            if wrong := portable_names.problem(part):
                raise RefusedError(f"cannot be written on every system: {part!r} {wrong}")

    def _register(self, parts: list[str], kind: Kind) -> None:
        """Remember a member and the folders above it, and compare them with all before."""
        for length in range(1, len(parts)):
            self._register_one("/".join(parts[:length]), "folder")
        self._register_one("/".join(parts), kind)

    def _register_one(self, path: str, kind: Kind) -> None:
        spelling = self._spellings.setdefault(portable_names.folded(path), path)
        if spelling != path:
            raise RefusedError(f"is the same as {spelling!r} on macOS and Windows")
        known = self._kinds.get(path)
        if known == kind == "folder":
            return
        if known is not None:
            raise RefusedError(
                f"is there twice: {path!r} was a {known} before"
                if kind != "folder"
                else f"would be written through {path!r}, which is a {known}"
            )
        if path == ROOT and kind != "folder":
            raise RefusedError("is not a folder")
        self._kinds[path] = kind

    def _admit_copy(self, member: tarfile.TarInfo) -> None:
        size = self._sizes.get(member.linkname)
        if size is None:
            raise RefusedError(f"is a hard link to {member.linkname!r}, which is no file before it")
        self._add_bytes(size)
        self._sizes[member.name] = size

    def _follow(self, name: str) -> None:
        if wrong := link_problem(name, self._links, top=(ROOT,)):
            raise RefusedError(wrong, member=name)


def _parts(name: str) -> list[str]:
    """Split a member's name, which must be a plain path below `python`."""
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        raise RefusedError("has an absolute path")
    if "\\" in name:
        raise RefusedError("has a backslash in its path")
    parts = name.split("/")
    if ".." in parts:
        raise RefusedError("has a path that leads to a parent folder")
    if parts[0] != ROOT or "" in parts or "." in parts:
        raise RefusedError(f"is not below {ROOT}/")
    return parts


def _kind(member: tarfile.TarInfo) -> Kind:
    kind = _KINDS.get(member.type)
    if kind is None or member.issparse():
        raise RefusedError("is no file, folder or link, but a device, a pipe or something rarer")
    return kind


def _check_target(target: str) -> None:
    """Refuse a symbolic link's target that is no plain relative path."""
    if not target:
        raise RefusedError("is a link to nothing")
    if target.startswith("/") or "\\" in target or _DRIVE.match(target):
        raise RefusedError(f"is a link to {target!r}, which is no relative path")
    for part in target.split("/"):
        if part not in {"", ".", ".."} and (wrong := portable_names.problem(part)):
            raise RefusedError(f"is a link whose target cannot be written: {part!r} {wrong}")
