"""Everything that can go wrong through no fault of this code, and the exit code of each.

====  ==========================================================
code  meaning
====  ==========================================================
0     done, or stopped as asked
1     a management command or a check failed, or an unexpected error
2     the command line is wrong (argparse)
3     the bundle is damaged
4     the project's settings or code cannot be loaded
5     the data folder cannot be used
6     the port cannot be had
7     the database cannot be brought up to date
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
