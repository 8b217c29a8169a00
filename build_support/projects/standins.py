"""What cannot be shipped: links that lead nowhere or out, and files that stand for others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from build_support.errors import ProjectError
from build_support.lists import listed

#: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v"
_OLD_LFS_POINTER = b"version https://hawser.github.com/spec/v"
#: https://git-annex.branchable.com/internals/pointer_file/
_ANNEX_POINTER = b"/annex/objects/"
_GIT_CRYPT = b"\0GITCRYPT\0"
_LONGEST_POINTER = 32_768
_SHOWN = 50
_SHA1_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a path cannot be shipped (the end of "It …"), and what to do about all such paths."""

    why: str
    hint: str

    @classmethod
    def link(cls, why: str) -> Self:
        """Return the problem of a link that cannot be followed."""
        return cls(
            f"is a link that {why}",
            "Links are shipped as copies of what they lead to, inside the project. Put the real "
            "file or folder in the place of the others, or leave them out of `source`.",
        )

    @classmethod
    def secret(cls, why: str) -> Self:
        """Return the problem of a file that must not be shipped."""
        return cls(
            f"may not be shipped: it holds {why}",
            "Everybody with the application could read it. Take secrets out of what `source` and "
            "`extra-files` of [tool.djdesk] name. A file that only looks like one is shipped if "
            "`extra-files` names the file itself, unless it is an .env file or a private key.",
        )

    @classmethod
    def submodule(cls) -> Self:
        """Return the problem of a submodule that was not fetched."""
        return cls(
            "is a git submodule that was not fetched",
            "Fetch submodules: git submodule update --init --recursive",
        )

    @classmethod
    def annex(cls) -> Self:
        """Return the problem of a file whose content git-annex has elsewhere."""
        return cls("stands for a file that git-annex did not fetch", "Fetch files: git annex get .")


_LFS = Problem("stands for a file that Git LFS did not fetch", "Fetch files: git lfs pull")
_CRYPT = Problem("is encrypted by git-crypt", "Decrypt the files: git-crypt unlock")
_INDEX_LINK = Problem(
    "is a link that git wrote as a text file, because this system did not allow links",
    "Allow links (on Windows: Developer Mode), then: git config core.symlinks true, and check "
    "the files out again: git checkout -- .",
)


def standin_problem(file: Path, link_object: str | None) -> Problem | None:
    """Return the problem of a file that stands for another one, or None.

    `link_object` is the git object of its content, if it is a link in git's index: a file with
    other content is one that has taken the place of the link.
    """
    if link_object is not None and _git_object(file, len(link_object)) == link_object:
        return _INDEX_LINK
    if file.stat().st_size > _LONGEST_POINTER:
        with file.open("rb") as stream:
            return _CRYPT if stream.read(len(_GIT_CRYPT)) == _GIT_CRYPT else None
    with file.open("rb") as stream:
        start = stream.read(len(_LFS_POINTER))
    if start.startswith((_LFS_POINTER, _OLD_LFS_POINTER)):
        return _LFS
    if start.startswith(_ANNEX_POINTER):
        return Problem.annex()
    return _CRYPT if start.startswith(_GIT_CRYPT) else None


def _git_object(file: Path, length: int) -> str:
    """Return the name that git gives to the content of a file, in hex of this length."""
    content = file.read_bytes()
    new = hashlib.sha1 if length == _SHA1_LENGTH else hashlib.sha256
    return new(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def refusal(root: Path, problems: Mapping[PurePosixPath, Problem]) -> ProjectError:
    """Return the error that names every path that cannot be shipped."""
    lines = [f"{root / path} {problem.why}" for path, problem in sorted(problems.items())]
    hints = dict.fromkeys(problems[path].hint for path in sorted(problems))
    if len(lines) == 1:
        path, problem = next(iter(problems.items()))
        return ProjectError(
            f"{root / path} cannot be shipped.", why=f"It {problem.why}.", hint="\n".join(hints)
        )
    return ProjectError(
        f"{len(lines)} files and links of the project cannot be shipped.",
        why=listed(lines, most=_SHOWN),
        hint="\n".join(hints),
    )
