"""The runtime's own source, of which every bundle gets a copy. Copied, never imported."""

from __future__ import annotations

import shutil
from pathlib import Path

from build_support import ROOT

RUNTIME = ROOT / "src" / "djdesk_runtime"
#: Its name in the runtime's folder, and at the top of a bundle.
LAUNCHER_FILE = "run_django.py"
#: Its name in the runtime's folder, and beside the path file of the interpreter.
PATHS_FILE = "djdesk_paths.py"
LOCK = RUNTIME / "requirements.lock"


def list_runtime() -> list[Path]:
    """Return the files that a bundle gets, launcher and path module among them, in order."""
    return sorted(path for path in RUNTIME.rglob("*.py") if path.is_file())


def copy_runtime(bundle: Path, packages: Path) -> Path:
    """Copy the launcher into a bundle and the package into its `packages`; return the latter."""
    package = packages / RUNTIME.name
    for file in list_runtime():
        if file.name == PATHS_FILE:
            continue
        launcher = file.name == LAUNCHER_FILE
        place = bundle / LAUNCHER_FILE if launcher else package / file.relative_to(RUNTIME)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    return package
