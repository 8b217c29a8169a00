"""What option B is made of: exact packages, and the record of them in the cache."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from build_support import digest

#: Raised whenever the same packages would be chosen differently: older records are forgotten.
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Package:
    """One package file. `location` is below the mirror's address, `size` is in bytes.

    Locations and not addresses: an address can hold a password.
    """

    name: str
    version: str
    architecture: str
    file: str
    size: int
    sha256: str
    location: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The packages that make one interpreter, in order of name."""

    python_version: str
    suite: str
    packages: tuple[Package, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of everything about the packages that can change what is made of them."""
        return digest.of_values(
            [
                [package.name, package.version, package.architecture, package.sha256]
                for package in self.packages
            ]
        )


def read_record(path: Path) -> Resolution | None:
    """Read a record; None when there is none, or none that this version can use."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return _resolution(content) if content["schema"] == _SCHEMA else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(path: Path, resolution: Resolution) -> None:
    """Write a record, whole or not at all."""
    content = {"schema": _SCHEMA, **asdict(resolution)}
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


def _resolution(content: Mapping[str, Any]) -> Resolution:
    packages = tuple(Package(**package) for package in content["packages"])
    return Resolution(content["python_version"], content["suite"], packages)
