"""Made-up distributions, as an installer leaves them in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from packaging.requirements import Requirement

from build_support.projects.requirements import LockedRequirement


def install(
    packages: Path,
    name: str,
    version: str,
    *fields: str,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Write the metadata of a distribution; `files` lie in its dist-info folder."""
    folder = packages / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *fields, "", "Text"]
    (folder / "METADATA").write_text("\n".join(lines), encoding="utf-8")
    for place, text in (files or {}).items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def locked(name: str, version: str, *digits: str) -> LockedRequirement:
    """A line of a lock, with one hash made of each digit."""
    hashes = tuple(f"--hash=sha256:{digit * 64}" for digit in digits or ("0",))
    return LockedRequirement(Requirement(f"{name}=={version}"), hashes)
