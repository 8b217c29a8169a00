"""Copies that share the blocks of a file, where the file system has such: made at once.

They take no room until one of the two files is changed, and no time, whatever the size. Linux has
``FICLONE`` (Btrfs, XFS and others; ioctl_ficlone(2)), macOS ``clonefile`` (APFS; clonefile(2)).
Windows' ``CopyFile2``, which Python's `shutil.copyfile` calls, clones on ReFS by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

if sys.platform == "win32":
    import ctypes
    import shutil
elif sys.platform == "darwin":
    import ctypes
else:
    import fcntl

OWNER_ONLY = 0o600

# What is cloned to find out: one block at least.
PROBE_BYTES = 65536

# Linux' number of FICLONE: its copy is the first file, the original the argument.
FICLONE = 0x40049409
CHILD = f"import fcntl, os, sys; fcntl.ioctl(1, {FICLONE}, os.open(sys.argv[1], os.O_RDONLY))"
CHILD_SECONDS = 60

# A flag of Windows' volumes, FILE_SUPPORTS_BLOCK_REFCOUNTING, and how long their names may be.
BLOCK_REFCOUNTING = 0x08000000
LONGEST_ROOT = 261


def clone_file(source: Path, copy: Path) -> bool:
    """Let the empty file *copy* be a clone of *source* on the same disk, if that is possible.

    Tells whether it is; else it is empty. Nobody may change *source* meanwhile. This process may
    have it locked through SQLite: it is not opened and closed by it, which would drop the locks.
    """
    try:
        if make_clone(source, copy):
            copy.chmod(OWNER_ONLY)
            return True
    except (OSError, AttributeError, subprocess.SubprocessError):
        pass
    copy.touch(OWNER_ONLY)
    return False


def has_clones(folder: Path) -> bool:
    """Tell whether files in *folder* can be cloned, by cloning one."""
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix="clone-") as scratch:
            source, copy = Path(scratch, "source"), Path(scratch, "copy")
            source.write_bytes(bytes(PROBE_BYTES))
            copy.touch()
            return clone_file(source, copy)
    except OSError:
        return False


if sys.platform == "win32":

    def make_clone(source: Path, copy: Path) -> bool:
        """Let the system copy where it clones. Elsewhere that would be a copy without progress."""
        kernel = ctypes.WinDLL("kernel32")
        root, flags = ctypes.create_unicode_buffer(LONGEST_ROOT), ctypes.c_uint32(0)
        if not kernel.GetVolumePathNameW(str(source), root, LONGEST_ROOT):
            return False
        names = (root, None, 0, None, None, ctypes.byref(flags), None, 0)
        if not kernel.GetVolumeInformationW(*names) or not flags.value & BLOCK_REFCOUNTING:
            return False
        shutil.copyfile(source, copy)
        return True

elif sys.platform == "darwin":

    def make_clone(source: Path, copy: Path) -> bool:
        """Clone by the system, which opens no file for this process. It makes the copy itself."""
        copy.unlink()
        clonefile = ctypes.CDLL(None, use_errno=True).clonefile
        clonefile.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32]
        return bool(clonefile(os.fsencode(source), os.fsencode(copy), 0) == 0)

else:

    def make_clone(source: Path, copy: Path) -> bool:
        """Clone in another process, whose closing of *source* does not concern our locks on it."""
        descriptor = os.open(copy, os.O_RDWR)
        try:
            fcntl.ioctl(descriptor, FICLONE, descriptor)  # OSError where there are no clones
            argv = [sys.executable, "-I", "-S", "-B", "-c", CHILD, str(source)]
            done = subprocess.run(
                argv,
                stdout=descriptor,
                stderr=subprocess.DEVNULL,
                timeout=CHILD_SECONDS,
                check=False,
            )
        finally:
            os.close(descriptor)
        return done.returncode == 0
