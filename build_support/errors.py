"""Every failure that a user can cause, as one sentence each of what, why and what to do.

The whole tree::

    BuildError
    ├── UsageError            wrong options or environment variables
    ├── ProjectError          the project's pyproject.toml, settings or lock
    ├── DownloadError         a file could not be had
    │   ├── UnreachableError  no route, no name or no answer: nothing was said about the file
    │   └── IntegrityError    the file came, and is not the pinned one
    ├── ArchiveError          an archive that is damaged or unsafe
    ├── ToolError             another program (uv, apt-get, dpkg, Python) failed or is missing
    └── VerificationError     a bundle that is not what its manifest says
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path


class BuildError(Exception):
    """A failure with an explanation.

    `what` happened is required; `why`, `hint` (what to do next) and `log` (the file with
    all that a program said) are shown on lines of their own when they are not empty.
    """

    exit_code = 1

    def __init__(
        self, what: str, *, why: str = "", hint: str = "", log: Path | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint
        self.log = log

    def __str__(self) -> str:
        parts = [self.what]
        if self.why:
            parts.append(f"  Why:  {_indent(self.why)}")
        if self.hint:
            parts.append(f"  Next: {_indent(self.hint)}")
        if self.log:
            parts.append(f"  Log:  {self.log}")
        return "\n".join(parts)


class UsageError(BuildError):
    """Wrong options or environment variables."""

    exit_code = 2


class ProjectError(BuildError):
    """Something in the project being bundled is missing or wrong."""


class DownloadError(BuildError):
    """A file could not be downloaded."""


class UnreachableError(DownloadError):
    """The server could not be reached at all: no route, no name, no answer in time."""


class IntegrityError(DownloadError):
    """A file is not the one whose SHA-256 is pinned."""


class ArchiveError(BuildError):
    """An archive is damaged or holds something that may not be extracted."""


class ToolError(BuildError):
    """Another program failed or is missing. `output` is all that it said."""

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        hint: str = "",
        log: Path | None = None,
        output: str = "",
    ) -> None:
        super().__init__(what, why=why, hint=hint, log=log)
        self.output = output


class VerificationError(BuildError):
    """A bundle is not what its manifest says, or does not work."""


_DISK_HINTS: Mapping[int, str] = {
    errno.ENOSPC: "Free some space on that disk.",
    errno.EDQUOT: "Free some of your quota of that disk.",
    errno.EROFS: "Point DJDESK_CACHE_DIR (or --output) at a folder that can be written.",
    errno.EACCES: "Check who owns the folder, or point DJDESK_CACHE_DIR (or --output) elsewhere.",
    errno.EPERM: "Check who owns the folder, or point DJDESK_CACHE_DIR (or --output) elsewhere.",
    errno.ENAMETOOLONG: "Use a shorter path for the project, --output or DJDESK_CACHE_DIR.",
}


def from_os_error(error: OSError) -> BuildError:
    """Explain an `OSError` of the file system to the user."""
    place = error.filename2 or error.filename
    return BuildError(
        f"Could not write or read {place}."
        if place
        else "A file of the bundle or the cache could not be written or read.",
        why=error.strerror or str(error),
        hint=_DISK_HINTS.get(error.errno or 0, "Nothing was lost. Remove the cause and run again."),
    )


def _indent(text: str) -> str:
    return text.strip().replace("\n", "\n        ")
