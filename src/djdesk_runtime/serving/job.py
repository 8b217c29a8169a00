"""Windows' job: what a process and the programs that it starts have in common.

Only for Windows. https://learn.microsoft.com/windows/win32/procthread/job-objects
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from functools import cache

# Other systems have not got what this needs; their type checkers stop here.
assert sys.platform == "win32"  # noqa: S101

# Whether programs end with the last handle of the job, which is this process's own, and whether
# one may be started outside of it.
KILL_ON_JOB_CLOSE = 0x2000
BREAKAWAY_OK = 0x0800
KEPT = KILL_ON_JOB_CLOSE | BREAKAWAY_OK
FREE = BREAKAWAY_OK

EXTENDED_LIMITS = 9

kernel = ctypes.WinDLL("kernel32", use_last_error=True)
kernel.CreateJobObjectW.restype = wintypes.HANDLE
kernel.CreateJobObjectW.argtypes = [wintypes.LPVOID, wintypes.LPCWSTR]
kernel.GetCurrentProcess.restype = wintypes.HANDLE
kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
kernel.SetInformationJobObject.argtypes = [
    wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID, wintypes.DWORD,
]  # fmt: skip


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", wintypes.LARGE_INTEGER),
        ("job_time", wintypes.LARGE_INTEGER),
        ("flags", wintypes.DWORD),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority", wintypes.DWORD),
        ("scheduling", wintypes.DWORD),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", BasicLimits),
        ("io", ctypes.c_ulonglong * 6),
        ("memory", ctypes.c_size_t * 4),
    )


@cache
def own_job() -> int:
    """Return a job that this process, and what it starts from now on, is in. Raises OSError.

    Its handle is never closed: the system does that when the process ends.
    """
    job = kernel.CreateJobObjectW(None, None)
    require(job)
    require(kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess()))
    return int(job)


def limit_job(flags: int) -> None:
    """Let *flags* be the limits of this process's job. Raises OSError."""
    limits = ExtendedLimits()
    limits.basic.flags = flags
    size = ctypes.sizeof(limits)
    require(kernel.SetInformationJobObject(own_job(), EXTENDED_LIMITS, ctypes.byref(limits), size))


def require(success: int | None) -> None:
    """Raise OSError, saying what Windows says, unless the last call was a success."""
    if not success:
        raise ctypes.WinError(ctypes.get_last_error())
