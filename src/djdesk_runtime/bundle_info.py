"""What a bundle says of itself: ``bundle.json``, schema 1."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from djdesk_runtime.errors import BundleDamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST_NAME = "bundle.json"
SCHEMA = 1

# The identifier names a folder on every system and a cookie.
IDENTIFIER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
UNREADABLE = (OSError, ValueError)

# How SQLite makes sure that what was written is on the disk (PRAGMA synchronous); the first is
# the default.
SYNCHRONOUS = ("NORMAL", "FULL")


class ManifestError(Exception):
    """The manifest was read and does not say what it must."""


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """The part of the manifest that the runtime uses. Unknown texts are empty.

    `permissions` are Electron's names of what pages may ask for, `synchronous` is one of
    `SYNCHRONOUS`, and `sentry_dsn` is empty where errors are reported to nobody. `max_upload` is
    how many bytes a request may bring, None for any number.
    """

    root: Path
    name: str
    identifier: str
    version: str
    revision: str
    target: str
    python_version: str
    python_provider: str
    settings_module: str
    source_roots: tuple[str, ...]
    permissions: tuple[str, ...] = ()
    synchronous: str = SYNCHRONOUS[0]
    sentry_dsn: str = ""
    max_upload: int | None = None

    @property
    def packages(self) -> Path:
        """The folder of the locked dependencies."""
        return self.root / "packages"

    @property
    def app(self) -> Path:
        """The folder of the project's own source."""
        return self.root / "app"

    @property
    def static(self) -> Path:
        """The folder of collectstatic's output."""
        return self.root / "static"

    @property
    def source_folders(self) -> tuple[Path, ...]:
        """The folders that the project's modules are imported from, in order."""
        return tuple(self.root / relative for relative in self.source_roots)


def read_bundle(root: Path) -> BundleInfo:
    """Read the manifest in the folder *root*; `BundleDamagedError` if it cannot be trusted."""
    manifest = root / MANIFEST_NAME
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except UNREADABLE as error:
        raise damaged(manifest, str(error)) from error
    try:
        return parse_manifest(root, content)
    except ManifestError as error:
        raise damaged(manifest, str(error)) from error


def damaged(manifest: Path, why: str) -> BundleDamagedError:
    """Return the error that says the manifest at *manifest* is unusable."""
    return BundleDamagedError(
        "The application is damaged: its description cannot be used.",
        why=f"{manifest}: {why}",
        next_step="Install the application again, or build the bundle again.",
    )


def parse_manifest(root: Path, content: object) -> BundleInfo:
    """Return what *content*, the decoded manifest, says; `ManifestError` names what is wrong.

    A bundle under construction has no ``target`` and no ``python`` yet: both may be missing, and
    so may ``desktop``, which has a default for everything.
    """
    if not isinstance(content, dict):
        raise ManifestError("an object is expected")
    if content.get("schema") != SCHEMA:
        raise ManifestError(f"schema is {content.get('schema')!r}, this runtime reads {SCHEMA}")
    app = table(content, "app")
    python = optional_table(content, "python")
    desktop = optional_table(content, "desktop")
    identifier = text(app, "identifier")
    if not IDENTIFIER.fullmatch(identifier):
        raise ManifestError(f"identifier {identifier!r} is not letters, digits, '.', '-' and '_'")
    return BundleInfo(
        root=root,
        name=text(app, "name"),
        identifier=identifier,
        version=text(app, "version"),
        revision=text(app, "revision", default=""),
        target=text(content, "target", default=""),
        python_version=text(python, "version", default=""),
        python_provider=text(python, "provider", default=""),
        settings_module=text(content, "settings_module"),
        source_roots=source_roots(content.get("source_roots")),
        permissions=permissions(desktop.get("permissions", [])),
        synchronous=synchronous(desktop.get("synchronous", SYNCHRONOUS[0])),
        sentry_dsn=text(desktop, "sentry_dsn", default=""),
        max_upload=max_upload(desktop.get("max_upload")),
    )


def table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the object at *key*."""
    value = content.get(key)
    if not isinstance(value, dict):
        raise ManifestError(f"{key} is not an object")
    return value


def optional_table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the object at *key*, an empty one where there is none."""
    return {} if content.get(key) is None else table(content, key)


def text(content: Mapping[str, Any], key: str, *, default: str | None = None) -> str:
    """Return the text at *key*; without *default* it must be there and not be empty."""
    value = content.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or (not value and default is None):
        raise ManifestError(f"{key} is not a text")
    return value


def source_roots(value: object) -> tuple[str, ...]:
    """Return the relative folders in *value*, refusing any that leads out of the bundle."""
    if not isinstance(value, list) or not value:
        raise ManifestError("source_roots is not a list of folders")
    for item in value:
        if not isinstance(item, str) or not item or "\\" in item or ":" in item:
            raise ManifestError(f"source_roots has {item!r}, which is not a relative folder")
        path = PurePosixPath(item)
        if path.is_absolute() or ".." in path.parts:
            raise ManifestError(f"source_roots has {item!r}, which leads out of the bundle")
    return tuple(value)


def permissions(value: object) -> tuple[str, ...]:
    """Return the names of permissions in *value*."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ManifestError("permissions is not a list of names")
    return tuple(value)


def synchronous(value: object) -> str:
    """Return *value*, one of `SYNCHRONOUS`."""
    if not isinstance(value, str) or value not in SYNCHRONOUS:
        raise ManifestError(f"synchronous is {value!r}, not one of {', '.join(SYNCHRONOUS)}")
    return value


def max_upload(value: object) -> int | None:
    """Return *value*, a number of bytes or None."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ManifestError(f"max_upload is {value!r}, not a number of bytes")
    return value
