"""The runtime's own source, of which every bundle gets a copy. Copied, never imported."""

from __future__ import annotations

import shutil
from pathlib import Path

from build_support import ROOT

RUNTIME = ROOT / "src" / "djdesk_runtime"
#: Its name in the runtime's folder, and at the top of a bundle.
LAUNCHER_FILE = "run_django.py"
LOCK = RUNTIME / "requirements.lock"


def list_runtime() -> list[Path]:
    """Return the files that a bundle gets, the launcher among them, in order."""
    return sorted(path for path in RUNTIME.glob("*") if path.suffix == ".py" or path.stem == "py")


def copy_runtime(bundle: Path, packages: Path) -> Path:
    """Copy the launcher into a bundle and the package into its `packages`; return the latter."""
    package = packages / RUNTIME.name
    package.mkdir(parents=True)
    for file in list_runtime():
        folder = bundle if file.name == LAUNCHER_FILE else package
        shutil.copyfile(file, folder / file.name)
    return package
