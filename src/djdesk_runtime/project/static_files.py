"""Settings of static files and of WhiteNoise: served from the bundle, under its own addresses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from djdesk_runtime.project.static_headers import add_headers, immutable_file_test

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djdesk_runtime.bundle_info import BundleInfo

    type Settings = Mapping[str, Any]

STATIC_STORAGE = "djdesk_runtime.project.static_storage.static_storage"

# Until Django 5.0 these might stand for entries of STORAGES; then both together are an error.
FORMER_NAMES = {"default": "DEFAULT_FILE_STORAGE", "staticfiles": "STATICFILES_STORAGE"}


def former_storages(settings: Settings, django_version: tuple[Any, ...]) -> dict[str, Any]:
    """Return STORAGES as they are, or as former settings name them where Django heeds those."""
    storages = settings.get("STORAGES")
    if storages is not None or django_version >= (5, 1):
        return dict(storages or {})
    return {
        alias: {"BACKEND": settings[name]}
        for alias, name in FORMER_NAMES.items()
        if settings.get(name)
    }


def static_files(settings: Settings, bundle: BundleInfo, static_root: Path) -> dict[str, Any]:
    """Return the settings of static files, served from *static_root* and never looked around for.

    What WhiteNoise serves is the application's own, so no other origin may read it.
    """
    url = local_url(settings.get("STATIC_URL")) or "/static/"
    own = (settings.get("STORAGES") or {}).get("staticfiles") or {}
    options = {"own": own.get("BACKEND", ""), "options": dict(own.get("OPTIONS") or {})}
    changed: dict[str, Any] = {
        "STATIC_ROOT": str(static_root),
        "STATIC_URL": url,
        "STORAGES": {
            **(settings.get("STORAGES") or {}),
            "staticfiles": {"BACKEND": STATIC_STORAGE, "OPTIONS": options},
        },
        "WHITENOISE_AUTOREFRESH": False,
        "WHITENOISE_USE_FINDERS": False,
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,
        "WHITENOISE_STATIC_PREFIX": url,
        # Only redirects have it: all else is immutable or not stored.
        "WHITENOISE_MAX_AGE": 0,
        "WHITENOISE_ADD_HEADERS_FUNCTION": add_headers(
            settings.get("WHITENOISE_ADD_HEADERS_FUNCTION")
        ),
        "WHITENOISE_IMMUTABLE_FILE_TEST": immutable_file_test(
            settings.get("WHITENOISE_IMMUTABLE_FILE_TEST")
        ),
    }
    if root := settings.get("WHITENOISE_ROOT"):
        changed["WHITENOISE_ROOT"] = files_at_root(root, settings, bundle, static_root)
    return changed


def local_url(url: object) -> str | None:
    """Return *url* as a path of this server, None unless it is one below its root."""
    if not url:
        return None
    parts = urlsplit(str(url))
    path = parts.path.strip("/")
    return None if parts.scheme or parts.netloc or not path else f"/{path}/"


def files_at_root(
    root: str | Path, settings: Settings, bundle: BundleInfo, static_root: Path
) -> str | None:
    """Return the folder whose files are served without a prefix; None if it is not shipped.

    One in the project's STATIC_ROOT is in the bundle's. A relative one is relative to the project.
    """
    place = Path(os.path.normpath(bundle.app / root))
    if theirs := settings.get("STATIC_ROOT"):
        collected = Path(os.path.normpath(bundle.app / theirs))
        if place.is_relative_to(collected):
            return str(static_root / place.relative_to(collected))
    shipped = any(
        place.is_relative_to(folder) for folder in (bundle.root.absolute(), bundle.root.resolve())
    )
    return str(place) if shipped else None
