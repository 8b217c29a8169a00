"""Virtual environments for checking the project, made by uv from a hashed lock."""

from __future__ import annotations

import os
from pathlib import Path

from build_support import digest
from build_support.bundles.packages import find_uv, uv_options
from build_support.processes import run
from build_support.trees.folders import remove_tree


def make_environment(folder: Path, python: Path, lock: Path) -> Path:
    """Return the Python of a virtual environment that holds exactly what a lock names.

    An environment that was made from the same Python and lock is used as it is. Raises
    ToolError when uv fails.
    """
    key = digest.of_values(str(python), digest.of_file(lock))
    mark = folder / "made-from"
    executable = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if mark.is_file() and mark.read_text(encoding="utf-8") == key and executable.exists():
        return executable
    remove_tree(folder)
    uv = find_uv()
    run(
        [uv, "venv", *uv_options(python), folder],
        doing=f"Making the environment {folder}",
    )
    install: list[str | Path] = [uv, "pip", "install", *uv_options(executable)]
    install += ["--require-hashes", "--no-deps", "--requirement", lock]
    run(
        install,
        doing=f"Installing {lock} into {folder}",
        hint="The packages come from the network once, and from uv's cache afterwards.",
    )
    mark.write_text(key, encoding="utf-8")
    return executable
