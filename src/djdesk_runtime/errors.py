"""Everything that can go wrong through no fault of this code, and the exit code of each.

====  ==========================================================
code  meaning
====  ==========================================================
0     done, or stopped as asked
1     a management command, a check or a backup failed, or an unexpected error
2     the command line or the start-up line is wrong
3     the bundle is damaged
4     the project's settings or code cannot be loaded
5     the data folder cannot be used
6     the port cannot be had
7     the database cannot be brought up to date
8     the data folder is in use by another server or command
9     the database belongs to a newer version of the application
10    something that was in the data folder is missing or was replaced
====  ==========================================================
"""

from __future__ import annotations


class DjdeskError(Exception):
    """A failure told to the user as what happened, why, and what to do next."""

    exit_code = 1

    def __init__(self, what: str, *, why: str, next_step: str) -> None:
        super().__init__(what, why, next_step)
        self.what = what
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what}\nReason: {self.why}\nWhat to do: {self.next_step}"


class StartLineError(DjdeskError):
    """The start-up line on standard input is not what it must be."""

    exit_code = 2


class CommandRefusedError(DjdeskError):
    """A management command has no place in a bundle."""

    exit_code = 2


class BundleDamagedError(DjdeskError):
    """``bundle.json`` is missing or does not say what it must."""

    exit_code = 3


class ProjectBrokenError(DjdeskError):
    """The project's settings, applications or WSGI module raised an exception."""

    exit_code = 4


class DataFolderError(DjdeskError):
    """The folder for the user's data cannot be created, read or written."""

    exit_code = 5


class PortError(DjdeskError):
    """The loopback port asked for cannot be bound."""

    exit_code = 6


class DatabaseUpdateError(DjdeskError):
    """A migration failed."""

    exit_code = 7


class DataInUseError(DjdeskError):
    """Another server or command of the same application uses the data folder."""

    exit_code = 8


class NewerDatabaseError(DjdeskError):
    """The database has migrations that this version of the application does not know."""

    exit_code = 9


class DataMissingError(DjdeskError):
    """Something that the data folder is known to have held is missing or was replaced."""

    exit_code = 10


class BackupError(DjdeskError):
    """A backup cannot be made, or the one that is asked for cannot be restored."""


class DatabaseWriteError(DjdeskError):
    """A database does not keep what is written into it."""
