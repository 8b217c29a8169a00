"""`bundle.json` and `VERSION`: what a bundle is, and what it was made from.

Neither holds a time, an absolute path, or the name of a machine or a person. Together
with the listing `files.tsv`, whose digest `bundle.json` carries, they are the only files
of a bundle that the listing leaves out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from build_support.errors import VerificationError
from build_support.projects.desktop import DEFAULT as DEFAULT_DESKTOP
from build_support.projects.desktop import Desktop, parse_desktop
from build_support.target import TARGETS

SCHEMA = 1
MANIFEST_FILE = "bundle.json"
VERSION_FILE = "VERSION"
LISTING_FILE = "files.tsv"
#: The files that describe the others, and so cannot be among them.
DESCRIBING_FILES = frozenset({MANIFEST_FILE, VERSION_FILE, LISTING_FILE})


@dataclass(frozen=True, slots=True)
class App:
    """The project: `revision` is a short git commit, with `+` when files were changed."""

    name: str
    identifier: str
    version: str
    revision: str


@dataclass(frozen=True, slots=True)
class Python:
    """The interpreter. `sha256` is that of the archive, or of option B's package versions."""

    version: str
    provider: str
    archive: str
    sha256: str
    redistributable: bool


@dataclass(frozen=True, slots=True)
class Requirements:
    """The lock: its file name, SHA-256 and how many distributions it puts into the bundle."""

    source: str
    sha256: str
    count: int


@dataclass(frozen=True, slots=True)
class Files:
    """All files but the describing ones: how many, bytes together, SHA-256 of the listing."""

    count: int
    bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of `bundle.json`, schema 1. `source_roots` are put on `sys.path` in order."""

    app: App
    target: str
    python: Python
    settings_module: str
    source_roots: tuple[str, ...]
    requirements: Requirements
    inputs: str
    files: Files
    built_with: Mapping[str, str]
    desktop: Desktop = DEFAULT_DESKTOP

    @property
    def version_line(self) -> str:
        """The one line of `VERSION`, for people."""
        revision = "" if self.app.revision == "unknown" else f" (g{self.app.revision})"
        return (
            f"{self.app.name} {self.app.version}{revision} {self.target} "
            f"CPython {self.python.version}\n"
        )


def write_manifest(manifest: Manifest, bundle: Path) -> None:
    """Write `bundle.json` and `VERSION` into a bundle."""
    document = {"schema": SCHEMA, **asdict(manifest)}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (bundle / MANIFEST_FILE).write_text(text, encoding="utf-8", newline="\n")
    (bundle / VERSION_FILE).write_text(manifest.version_line, encoding="utf-8", newline="\n")


def read_manifest(bundle: Path) -> Manifest:
    """Read a bundle's `bundle.json`.

    Raises VerificationError when there is none, or it is not one of this schema.
    """
    file = bundle / MANIFEST_FILE
    hint = "Make the bundle with: nox -s bundle"
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA:
            raise VerificationError(
                f"{file} is of schema {document['schema']}, not {SCHEMA}.", hint=hint
            )
        return _parse(document)
    except FileNotFoundError:
        raise VerificationError(f"There is no bundle in {bundle}.", hint=hint) from None
    except (ValueError, KeyError, TypeError) as error:
        raise VerificationError(
            f"{file} is damaged.", why=f"{type(error).__name__}: {error}", hint=hint
        ) from None


def _parse(document: Mapping[str, Any]) -> Manifest:
    if document["target"] not in TARGETS:
        raise ValueError(f"there is no target {document['target']}")
    return Manifest(
        app=App(**document["app"]),
        target=document["target"],
        python=Python(**document["python"]),
        settings_module=document["settings_module"],
        source_roots=tuple(document["source_roots"]),
        requirements=Requirements(**document["requirements"]),
        inputs=document["inputs"],
        files=Files(**document["files"]),
        built_with=document["built_with"],
        desktop=parse_desktop(document.get("desktop")),
    )
