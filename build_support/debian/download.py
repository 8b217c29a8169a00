"""Option B's package files: into the cache, checked, and no more than is missing."""

from __future__ import annotations

import shutil
import time
from functools import partial
from pathlib import Path

from build_support import digest
from build_support.cache import Cache
from build_support.debian.apt import fetch
from build_support.debian.resolution import Package, Resolution
from build_support.debian.sources import (
    DISTRIBUTIONS,
    ETC_APT,
    OS_RELEASE,
    Mirror,
    read_mirror,
    read_os_release,
)
from build_support.errors import IntegrityError
from build_support.reporter import Reporter, megabytes
from build_support.trees.folders import remove_tree

#: For how long packages that no build has asked for are kept, in seconds.
_KEPT = 14 * 24 * 3600


def download(
    resolution: Resolution,
    *,
    cache: Cache,
    reporter: Reporter,
    etc_apt: Path = ETC_APT,
    os_release: Path = OS_RELEASE,
) -> Path:
    """Return a folder with exactly the resolution's package files, each checked by SHA-256.

    Only those not in the cache are downloaded. Raises PackagesGoneError when the archive
    has replaced some (`obtain` handles it), else what `resolve` raises for the network.
    """
    packages = cache.root / "debian" / "packages"
    folder = packages / resolution.digest
    waiting = partial(reporter.note, "Waiting for another build that downloads packages.")
    with cache.lock("debian/packages", waiting=waiting):
        folder.mkdir(parents=True, exist_ok=True)
        _keep_only(folder, resolution)
        missing = [each for each in resolution.packages if not _take_over(each, packages, folder)]
        if missing:
            size = megabytes(sum(package.size for package in missing))
            with reporter.step(f"Download {len(missing)} packages of {resolution.suite}, {size}"):
                distribution = DISTRIBUTIONS[read_os_release(os_release).get("ID", "debian")]
                _download(missing, folder, read_mirror(etc_apt, distribution))
        folder.touch()
        _forget_old(packages, folder)
    return folder


def _download(packages: list[Package], folder: Path, mirror: Mirror) -> None:
    coming = folder / "partial"
    coming.mkdir()
    try:
        fetch(mirror, packages, coming)
        for package in packages:
            _check(coming / package.file, package)
            (coming / package.file).rename(folder / package.file)
    finally:
        remove_tree(coming)


def _check(path: Path, package: Package) -> None:
    actual = digest.of_file(path)
    if actual != package.sha256:
        raise IntegrityError(
            f"{package.file} is not the file that the signed index names.",
            why=f"expected SHA-256 {package.sha256}\nactual   SHA-256 {actual}",
            hint="It was deleted. Run again, or use another mirror.",
        )


def _keep_only(folder: Path, resolution: Resolution) -> None:
    """Delete everything but undamaged files of the resolution."""
    hashes = {package.file: package.sha256 for package in resolution.packages}
    for path in folder.iterdir():
        if path.is_dir():
            remove_tree(path)
        elif digest.of_file(path) != hashes.get(path.name):
            path.unlink()


def _take_over(package: Package, packages: Path, folder: Path) -> bool:
    """Whether a file is there, or could be copied from an older resolution."""
    if (folder / package.file).is_file():
        return True
    for path in packages.glob(f"*/{package.file}"):
        if digest.of_file(path) == package.sha256:
            shutil.copyfile(path, folder / package.file)
            return True
    return False


def _forget_old(packages: Path, current: Path) -> None:
    for folder in packages.iterdir():
        if folder != current and time.time() - folder.stat().st_mtime > _KEPT:
            remove_tree(folder)
