"""What errors of SQLite and of the system mean for the user's data, and what helps.

Only what SQLite itself calls corruption is damage. Everything else leaves the data whole, and an
old copy of it would not help. Codes: https://www.sqlite.org/rescode.html
"""

from __future__ import annotations

import errno
import os
import sqlite3
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.data.processes import processes_using
from djdesk_runtime.data.sqlite_files import PRIMARY_CODE, DamagedCopyError, DatabaseBusyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Cause(Enum):
    """Why something with the user's data failed."""

    DAMAGED = "the database is damaged"
    BUSY = "another program uses it"
    READ_ONLY = "it can be read and not written"
    READ_ONLY_DISK = "its disk can be read and not written"
    NOT_ALLOWED = "the system does not allow it"
    NOT_A_FILE = "there is a folder where a file is needed, or a file where a folder is"
    MISSING = "it is not there"
    MOVED = "the file was moved or replaced while it was in use"
    CANNOT_OPEN = "it cannot be opened"
    DISK_FULL = "the disk is full"
    QUOTA = "you have used up the room that you may have on the disk"
    TOO_LARGE = "the file system cannot hold a file that large"
    DEVICE = "the disk, or the connection to it, failed"
    NO_LOCKS = "the file system cannot lock files"
    NAME_TOO_LONG = "its name, with its folders, is too long for the system"
    TOO_MANY_FILES = "too many files are open"
    MEMORY = "there is not enough memory"
    OTHER = ""


FREE_SPACE = "Free some space on the disk and try again."
REPORT = "Try again; if it happens again, restart the computer, and then report this problem."

HINTS: Mapping[Cause, str] = {
    Cause.DAMAGED: "Bring back a good copy of it.",
    Cause.BUSY: "Close the other programs that use {path}, and try again.",
    Cause.READ_ONLY: "Allow yourself to write {path} and its folder, and try again.",
    Cause.READ_ONLY_DISK: "Make the disk of {path} writable, or use another one with --data-dir.",
    Cause.NOT_ALLOWED: (
        "Make sure that {path} and its folder belong to you, that you may read and write them, "
        "and that no protection software blocks them; then try again."
    ),
    Cause.NOT_A_FILE: "Move what is at {path} elsewhere, and try again.",
    Cause.MISSING: "Put {path} back where it was, connect the disk that it is on, and try again.",
    Cause.MOVED: "Put {path} back where it was, and try again.",
    Cause.CANNOT_OPEN: (
        "Make sure that {path} is a file that you may read and write, and try again."
    ),
    Cause.DISK_FULL: FREE_SPACE,
    Cause.QUOTA: "Delete files of yours on that disk, or ask for more room, and try again.",
    Cause.TOO_LARGE: "Move the data to a disk that holds larger files; see --data-dir.",
    Cause.DEVICE: (
        "Make a copy of {folder} on another disk, and have the disk checked; where it is a "
        "network drive, connect it again. Then try again."
    ),
    Cause.NO_LOCKS: "Move the data to a disk of this computer; see --data-dir.",
    Cause.NAME_TOO_LONG: "Choose a folder with a shorter name with --data-dir.",
    Cause.TOO_MANY_FILES: "Close other programs and try again.",
    Cause.MEMORY: "Close other programs and try again.",
    Cause.OTHER: REPORT,
}

OF_SQLITE: Mapping[int, Cause] = {
    sqlite3.SQLITE_CORRUPT: Cause.DAMAGED,
    sqlite3.SQLITE_NOTADB: Cause.DAMAGED,
    sqlite3.SQLITE_BUSY: Cause.BUSY,
    sqlite3.SQLITE_LOCKED: Cause.BUSY,
    sqlite3.SQLITE_PROTOCOL: Cause.BUSY,
    sqlite3.SQLITE_READONLY: Cause.READ_ONLY,
    sqlite3.SQLITE_PERM: Cause.NOT_ALLOWED,
    sqlite3.SQLITE_AUTH: Cause.NOT_ALLOWED,
    sqlite3.SQLITE_CANTOPEN: Cause.CANNOT_OPEN,
    sqlite3.SQLITE_FULL: Cause.DISK_FULL,
    sqlite3.SQLITE_IOERR: Cause.DEVICE,
    sqlite3.SQLITE_NOLFS: Cause.TOO_LARGE,
    sqlite3.SQLITE_TOOBIG: Cause.TOO_LARGE,
    sqlite3.SQLITE_NOMEM: Cause.MEMORY,
}
# Extended codes that mean something else than the code that they extend.
OF_SQLITE_EXTENDED: Mapping[int, Cause] = {
    sqlite3.SQLITE_IOERR_NOMEM: Cause.MEMORY,
    sqlite3.SQLITE_IOERR_ACCESS: Cause.NOT_ALLOWED,
    sqlite3.SQLITE_IOERR_BLOCKED: Cause.BUSY,
    sqlite3.SQLITE_IOERR_LOCK: Cause.NO_LOCKS,
    sqlite3.SQLITE_IOERR_RDLOCK: Cause.NO_LOCKS,
    sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK: Cause.NO_LOCKS,
    sqlite3.SQLITE_READONLY_DBMOVED: Cause.MOVED,
    sqlite3.SQLITE_CANTOPEN_ISDIR: Cause.NOT_A_FILE,
}

OF_SYSTEM: Mapping[int, Cause] = {
    errno.ENOSPC: Cause.DISK_FULL,
    errno.EDQUOT: Cause.QUOTA,
    errno.EFBIG: Cause.TOO_LARGE,
    errno.EACCES: Cause.NOT_ALLOWED,
    errno.EPERM: Cause.NOT_ALLOWED,
    errno.EROFS: Cause.READ_ONLY_DISK,
    errno.EIO: Cause.DEVICE,
    errno.ENXIO: Cause.DEVICE,
    errno.ENODEV: Cause.DEVICE,
    errno.ESTALE: Cause.DEVICE,
    errno.ETIMEDOUT: Cause.DEVICE,
    errno.ENAMETOOLONG: Cause.NAME_TOO_LONG,
    errno.EMFILE: Cause.TOO_MANY_FILES,
    errno.ENFILE: Cause.TOO_MANY_FILES,
    errno.EISDIR: Cause.NOT_A_FILE,
    errno.ENOTDIR: Cause.NOT_A_FILE,
    errno.EEXIST: Cause.NOT_A_FILE,
    errno.ENOTEMPTY: Cause.NOT_A_FILE,
    errno.ENOENT: Cause.MISSING,
    errno.ENOLCK: Cause.NO_LOCKS,
    errno.EOPNOTSUPP: Cause.NO_LOCKS,
    errno.ENOMEM: Cause.MEMORY,
    errno.EBUSY: Cause.BUSY,
    errno.ETXTBSY: Cause.BUSY,
    errno.EAGAIN: Cause.BUSY,
}
# Windows' own codes that Python turns into an errno that says less.
OF_WINDOWS: Mapping[int, Cause] = {
    19: Cause.READ_ONLY_DISK,  # ERROR_WRITE_PROTECT
    32: Cause.BUSY,  # ERROR_SHARING_VIOLATION
    33: Cause.BUSY,  # ERROR_LOCK_VIOLATION
    206: Cause.NAME_TOO_LONG,  # ERROR_FILENAME_EXCED_RANGE
    1295: Cause.QUOTA,  # ERROR_DISK_QUOTA_EXCEEDED
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something with the user's data failed, for people, and the *hint* that helps."""

    cause: Cause
    why: str
    hint: str


def explain(error: BaseException, path: Path) -> Failure:
    """Return what *error*, which arose at work with the file *path*, means."""
    cause, source = find_cause(error)
    if isinstance(source, sqlite3.Error):
        cause = look_closer(cause, path)
    named = getattr(source, "filename", None)
    place = path if cause is Cause.OTHER or not isinstance(named, str) else Path(named)
    said = f"{type(source).__name__}: {source}" if cause is Cause.OTHER else str(source)
    found = processes_using(place) if cause is Cause.BUSY else []
    users = f" ({', '.join(found)})" if found else ""
    if cause.value:
        said = "; ".join(part for part in (f"{place}: {cause.value}{users}", said) if part)
    return Failure(cause, said, HINTS[cause].format(path=place, folder=place.parent))


def find_cause(error: BaseException) -> tuple[Cause, BaseException]:
    """Return the cause of *error*, and which of the errors that led to it says so."""
    for source in causes(error):
        cause = cause_of(source)
        if cause is not Cause.OTHER:
            return cause, source
    return Cause.OTHER, error


def cause_of(error: BaseException) -> Cause:
    """Return the cause that *error* itself names."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        known = OF_SQLITE_EXTENDED.get(code)
        return known or OF_SQLITE.get(code & PRIMARY_CODE, Cause.OTHER)
    if isinstance(error, OSError):
        known = OF_WINDOWS.get(getattr(error, "winerror", None) or 0)
        return known or OF_SYSTEM.get(error.errno or 0, Cause.OTHER)
    if isinstance(error, DatabaseBusyError):
        return Cause.BUSY
    if isinstance(error, DamagedCopyError):
        return Cause.DAMAGED
    if isinstance(error, MemoryError):
        return Cause.MEMORY
    return Cause.OTHER


def look_closer(cause: Cause, path: Path) -> Cause:
    """Return what is the matter with *path*, where SQLite only says that it cannot open it.

    Opens no database: closing one drops the locks that this process has on it.
    """
    if cause not in {Cause.CANNOT_OPEN, Cause.READ_ONLY}:
        return cause
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
        if not path.exists():
            return Cause.MISSING
        if not path.is_file():
            return Cause.NOT_A_FILE
        if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
            return Cause.READ_ONLY if os.access(path, os.R_OK) else Cause.NOT_ALLOWED
    except OSError as error:
        return cause_of(error)
    return cause


def is_damage(error: BaseException) -> bool:
    """Tell whether SQLite calls what led to *error* corruption."""
    return find_cause(error)[0] is Cause.DAMAGED


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and what it was raised for, as long as there is something new."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
