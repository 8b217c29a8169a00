"""What a package holds in a rehearsal besides the shell: what makes it run in an old Electron."""

from __future__ import annotations

import shutil
from pathlib import Path

from build_support.desktop.electron import SHIM
from build_support.packages.configuration import REHEARSAL_MAIN

_SHIM = "shim.cjs"
# Chromium's sandbox kills processes whose C library makes system calls that are newer than it.
_MAIN = f"""\
"use strict";

/** The shell in an Electron that is years too old for it: for a rehearsal, never for users. */

const {{ app }} = require("electron");

app.commandLine.appendSwitch("no-sandbox");
require("./{_SHIM}");
require("./main.js");
"""


def write_rehearsal(folder: Path) -> None:
    """Write the files into a folder."""
    folder.mkdir(parents=True)
    shutil.copyfile(SHIM, folder / _SHIM)
    (folder / REHEARSAL_MAIN).write_text(_MAIN, encoding="utf-8", newline="\n")
