"""What goes along with a bundle: its bill of materials, the notices, the package's manifest."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from build_support.bundles.manifest import Manifest
from build_support.bundles.packages import warm_wheels
from build_support.licences.notices import NOTICES_FILE, write_notices
from build_support.packages.electrons import PackagedElectron
from build_support.packages.manifest import INSIDE, PackageManifest, write_package_manifest
from build_support.projects.requirements import LockedRequirement
from build_support.published.pins import Pins
from build_support.published.sources import archive_urls
from build_support.sbom.bill import SBOM_FILE, make_bill
from build_support.sbom.gather import gather, parts_of
from build_support.sbom.wheels import read_vendored
from build_support.target import Target

__all__ = ["INSIDE", "NOTICES_FILE", "SBOM_FILE", "write_about"]


def write_about(
    folder: Path,
    bundle: Path,
    manifest: PackageManifest,
    *,
    lock: Sequence[LockedRequirement],
    target: Target,
    electron: PackagedElectron,
    python_url: str,
) -> None:
    """Write the bill of materials, the notices and the manifest of a package into a folder.

    Raises VerificationError when the bundle does not hold what its lock names, or when a
    licence is missing that has to be passed on.
    """
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="djdesk-") as scratch:
        vendored = read_vendored(warm_wheels(lock, target, Path(scratch)))
    contents = gather(
        bundle, lock, electron=electron.described, python_url=python_url, vendored=vendored
    )
    (folder / SBOM_FILE).write_text(make_bill(contents), encoding="utf-8", newline="\n")
    # On other systems electron-builder puts Electron's own files into the package.
    own = electron.described if target.system == "macos" else None
    write_notices(folder, manifest.name, parts_of(contents), own)
    write_package_manifest(manifest, folder / INSIDE)


def published_url(manifest: Manifest, pins: Pins) -> str:
    """Return where a bundle's interpreter was published; empty when it is not a pinned one."""
    pin = pins.assets.get(manifest.target)
    if pin is None or pin.sha256 != manifest.python.sha256:
        return ""
    return archive_urls(pin, pins, {})[-1].url
