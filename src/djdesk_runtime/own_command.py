"""The commands of this very bundle, as a user can give them in a terminal."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder

OPTIONS = ("-I", "-B", "-X", "utf8", "-X", "disable-remote-debug")


def own_command(root: Path, data: DataFolder, *arguments: str) -> str:
    """Return the command line that runs *arguments* of the bundle in *root* with *data*."""
    argv = [sys.executable, *OPTIONS, str(root / "run_django.py"), *arguments]
    argv += ["--data-dir", str(data.root)]
    return subprocess.list2cmdline(argv) if os.name == "nt" else shlex.join(argv)
