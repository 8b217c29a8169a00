"""What wheels say about the libraries inside them (PEP 770).

Bundles do not carry these files; they are read from wheels that are installed whole elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packageurl import PackageURL
from packaging.utils import canonicalize_name


@dataclass(frozen=True, slots=True, order=True)
class Vendored:
    """A library inside a wheel. `purl` is empty where its makers gave none, or none that is one."""

    name: str
    version: str
    purl: str


def read_vendored(packages: Path) -> Mapping[str, tuple[Vendored, ...]]:
    """Return the libraries inside the wheels installed in a folder, by normalised name.

    Only CycloneDX in JSON is read; a file that is damaged tells nothing.
    """
    found: dict[str, set[Vendored]] = {}
    for file in sorted(packages.glob("*.dist-info/sboms/*.json")):
        owner = canonicalize_name(file.parts[-3].removesuffix(".dist-info").rpartition("-")[0])
        libraries = set(_components(file)) - set(_described(file))
        found.setdefault(owner, set()).update(
            each for each in libraries if canonicalize_name(each.name) != owner
        )
    return {owner: tuple(sorted(libraries)) for owner, libraries in found.items() if libraries}


def _components(file: Path) -> Iterator[Vendored]:
    components = _document(file).get("components")
    for component in components if isinstance(components, list) else []:
        yield from _vendored(component)


def _described(file: Path) -> Iterator[Vendored]:
    """Yield what the file is about, which some tools list among its components too."""
    metadata = _document(file).get("metadata")
    if isinstance(metadata, dict):
        yield from _vendored(metadata.get("component"))


def _vendored(component: object) -> Iterator[Vendored]:
    if not isinstance(component, dict):
        return
    name, version, purl = (str(component.get(key) or "") for key in ("name", "version", "purl"))
    if name:
        yield Vendored(name, version, purl if _is_purl(purl) else "")


def _is_purl(text: str) -> bool:
    try:
        PackageURL.from_string(text)
    except ValueError:
        return False
    return True


def _document(file: Path) -> Mapping[str, object]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    is_cyclonedx = isinstance(document, dict) and document.get("bomFormat") == "CycloneDX"
    return document if is_cyclonedx else {}
