"""What a package says of itself: `djdesk-package.json` inside it, and with its files beside it.

No times, no absolute paths, no names of machines or people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from build_support import digest
from build_support.errors import VerificationError

SCHEMA = 1
#: The name inside a package, which the shell knows, and the end of the names beside packages.
INSIDE = "djdesk-package.json"
BESIDE_SUFFIX = ".package.json"


@dataclass(frozen=True, slots=True)
class PackagedBundle:
    """The bundle: whether its interpreter may be given to others, and its describing files."""

    redistributable: bool
    revision: str
    described_by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file beside the manifest."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PackageManifest:
    """A package. `release`: it was made by --release. `files` is empty inside the package."""

    name: str
    identifier: str
    version: str
    target: str
    rehearsal: bool
    release: bool
    signed: bool
    electron: str
    bundle: PackagedBundle
    built_with: Mapping[str, str]
    files: tuple[PackagedFile, ...] = ()


def write_package_manifest(manifest: PackageManifest, file: Path) -> None:
    """Write a manifest."""
    document = {"schema": SCHEMA, **asdict(manifest)}
    if not manifest.files:
        del document["files"]
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    file.write_text(text, encoding="utf-8", newline="\n")


def read_package_manifest(file: Path) -> PackageManifest:
    """Read a manifest. Raises VerificationError when it is damaged."""
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        schema = document.pop("schema")
        bundle = PackagedBundle(**document.pop("bundle"))
        files = tuple(PackagedFile(**each) for each in document.pop("files", ()))
        manifest = PackageManifest(**document, bundle=bundle, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VerificationError(
            f"{file} is no manifest of a package.",
            why=f"{type(error).__name__}: {error}",
            hint="Make the package again.",
        ) from None
    if schema != SCHEMA:
        raise VerificationError(f"{file} is of schema {schema}, not {SCHEMA}.")
    return manifest


def with_files(manifest: PackageManifest, files: Sequence[Path]) -> PackageManifest:
    """Return a manifest that lists files as they are now."""
    listed = tuple(
        PackagedFile(file.name, file.stat().st_size, digest.of_file(file))
        for file in sorted(files, key=lambda file: file.name)
    )
    return replace(manifest, files=listed)
