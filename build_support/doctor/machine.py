"""What `doctor` looks at on this machine itself: the checks, and what they are given."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from build_support.bundles.packages import find_uv
from build_support.cache import TREES, Cache
from build_support.desktop import electron, release
from build_support.desktop.wheels import wheel_key
from build_support.doctor import checks as doctor_checks
from build_support.doctor.checks import CacheFacts, Finding
from build_support.errors import UsageError
from build_support.paths import nearest_existing
from build_support.processes import run
from build_support.target import host_target

#: In which a program has to answer: its first start after an installation is looked at by virus
#: scanners, and uv and apt-helper have to wait for a network.
_PROGRAM_SECONDS = 30.0
_CACHE_VARIABLE = "DJDESK_CACHE_DIR"


def machine_checks(
    cache: Cache, output: Path, environment: Mapping[str, str]
) -> tuple[Callable[[], Finding], ...]:
    """Return the checks of this machine, in the order in which their rows are shown.

    `output` is the folder in which bundles are made.
    """
    variable = _CACHE_VARIABLE if environment.get(_CACHE_VARIABLE) else ""
    return (
        partial(doctor_checks.check_python, tuple(sys.version_info[:3]), sys.executable),
        partial(doctor_checks.check_uv, find_uv, ask),
        partial(doctor_checks.check_node, shutil.which, ask),
        partial(doctor_checks.check_npm, shutil.which, ask),
        partial(find_electron, cache),
        partial(doctor_checks.check_git, shutil.which, ask),
        lambda: doctor_checks.check_disk(
            "disk of the cache",
            cache.root,
            _free(cache.root),
            f"Free some, or point {_CACHE_VARIABLE} at another disk.",
        ),
        lambda: doctor_checks.check_disk(
            "disk of the bundle", output, _free(output), "Free some, or use --output FOLDER."
        ),
        lambda: doctor_checks.check_cache(count_cache(cache, variable)),
    )


def find_electron(cache: Cache) -> Finding:
    """Look for the Electrons that were fetched before, asking nobody."""
    try:
        target = host_target()
    except UsageError as error:
        return Finding("Electron", "missing", error.what, error.hint)
    archive = release.archive_for(target)
    place = electron.npm_folder(archive.version, target)
    unpacked = cache.root / release.STAGE / archive.sha256
    stand_in = cache.root / release.STAGE / wheel_key(electron.STAND_IN_LOCK)
    return doctor_checks.check_electron(
        archive.version,
        place or (unpacked if unpacked.is_dir() else None),
        stand_in if stand_in.is_dir() else None,
    )


def ask(command: Sequence[str | Path], variables: Mapping[str, str]) -> str:
    """Run a program, for as long as an answer may take, and return what it wrote."""
    return run(
        command,
        doing=f"Asking {Path(command[0]).name}",
        environment={**os.environ, **variables},
        timeout=_PROGRAM_SECONDS,
        logged=False,
    )


def count_cache(cache: Cache, variable: str) -> CacheFacts:
    """Count what is in a cache; a tree that is being made does not count, its bytes do."""
    trees = [
        tree
        for stage in TREES
        for tree in (cache.root / stage).glob("*")
        if tree.is_dir() and tree.suffix != ".partial"
    ]
    return CacheFacts(
        root=cache.root,
        variable=variable,
        archives=len([*cache.root.glob("archives/*/*.tar.*")]),
        trees=len(trees),
        bytes=_size(cache.root),
        writable=os.access(nearest_existing(cache.root), os.W_OK),
    )


def _size(folder: Path) -> int:
    """Sum up the bytes of all files; some may vanish meanwhile, for a build may be running."""
    size = 0
    for name, _, files in os.walk(folder):
        for file in files:
            with suppress(FileNotFoundError):
                size += Path(name, file).lstat().st_size
    return size


def _free(folder: Path) -> int:
    return shutil.disk_usage(nearest_existing(folder)).free
