"""The settings of a desktop application: the project's own, with what has to differ.

Every step is a pure function from the settings and their `Surroundings` to the names it sets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from djdesk_runtime.data.databases import desktop_databases
from djdesk_runtime.reports.logs import desktop_logging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder

    type Settings = Mapping[str, Any]
    type Step = Callable[[Settings, Surroundings], dict[str, Any]]

SECURITY_MIDDLEWARE = "django.middleware.security.SecurityMiddleware"
WHITENOISE_MIDDLEWARE = "whitenoise.middleware.WhiteNoiseMiddleware"
STATIC_MIDDLEWARE = "djdesk_runtime.serving.static_files.StaticFilesMiddleware"
RESPONSE_MIDDLEWARE = "djdesk_runtime.serving.responses.response_middleware"
MEDIA_MIDDLEWARE = "djdesk_runtime.serving.media.media_middleware"
STATIC_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
FILE_STORAGE = "django.core.files.storage.FileSystemStorage"
UPLOAD_MODES = {
    "FILE_UPLOAD_PERMISSIONS": ("file_permissions_mode", 0o600),
    "FILE_UPLOAD_DIRECTORY_PERMISSIONS": ("directory_permissions_mode", 0o700),
}
FILE_CACHE = "django.core.cache.backends.filebased.FileBasedCache"

# What a site on the internet needs and a server on 127.0.0.1 cannot have: it speaks HTTP, is
# reached directly, and only by its one exact name.
LOOPBACK: dict[str, Any] = {
    "DEBUG": False,
    "DEBUG_PROPAGATE_EXCEPTIONS": False,
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "CSRF_TRUSTED_ORIGINS": [],
    "PREPEND_WWW": False,
    "FORCE_SCRIPT_NAME": None,
    "USE_X_FORWARDED_HOST": False,
    "USE_X_FORWARDED_PORT": False,
    "SECURE_PROXY_SSL_HEADER": None,
    "SECURE_SSL_REDIRECT": False,
    "SECURE_HSTS_SECONDS": 0,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
    "SECURE_HSTS_PRELOAD": False,
}

# The deployment checks that ask for HTTPS, which nothing on a loopback address needs.
HTTPS_CHECKS = (
    "security.W004",  # no HSTS: there is no HTTPS to insist on
    "security.W008",  # no redirect to HTTPS: there is nowhere to redirect to
    "security.W010",  # session cookie not Secure, session application installed
    "security.W011",  # session cookie not Secure, session middleware installed
    "security.W012",  # session cookie not Secure, both: a Secure one would not come back
    "security.W016",  # CSRF cookie not Secure: the same
)

COOKIE_NAMES = {
    "SESSION_COOKIE_NAME": "sessionid",
    "CSRF_COOKIE_NAME": "csrftoken",
    "LANGUAGE_COOKIE_NAME": "django_language",
}
COOKIE_SAMESITE = ("SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE")
COOKIES: dict[str, Any] = {
    "SESSION_COOKIE_SECURE": False,
    "CSRF_COOKIE_SECURE": False,
    "LANGUAGE_COOKIE_SECURE": False,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_DOMAIN": None,
    "CSRF_COOKIE_DOMAIN": None,
    "LANGUAGE_COOKIE_DOMAIN": None,
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the settings are used: all that the overlay may depend on."""

    bundle: BundleInfo
    data: DataFolder
    static_root: Path
    secret_key: str


def overlay(project: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Return the settings to run with: *project*, the uppercase names of its module, changed."""
    settings = dict(project)
    for step in STEPS:
        settings |= step(settings, surroundings)
    return settings


def loopback(settings: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Serve this computer only, over HTTP, with the installation's own key."""
    silenced = [*settings.get("SILENCED_SYSTEM_CHECKS", ()), *HTTPS_CHECKS]
    return LOOPBACK | {
        "SECRET_KEY": surroundings.secret_key,
        "SECRET_KEY_FALLBACKS": [],
        "SILENCED_SYSTEM_CHECKS": silenced,
    }


def cookies(settings: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Give cookies names of this application's own.

    A browser keeps the cookies of all ports of 127.0.0.1 in one jar, so two applications
    would overwrite each other's.
    """
    bundle = surroundings.bundle
    names = {
        name: cookie_name(bundle.identifier, settings.get(name) or default)
        for name, default in COOKIE_NAMES.items()
    }
    # SameSite=None is only allowed with Secure.
    samesite = {
        name: settings[name] if settings.get(name) in {"Lax", "Strict"} else "Lax"
        for name in COOKIE_SAMESITE
    }
    return COOKIES | names | samesite


def cookie_name(identifier: str, name: str) -> str:
    """Return what the application called *identifier* calls the cookie *name*."""
    slug = re.sub(r"[^a-z0-9]+", "_", identifier.lower()).strip("_")
    return f"{slug}_{name}"


def databases(settings: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Keep databases in the data folder."""
    theirs = settings.get("DATABASES", {})
    synchronous = surroundings.bundle.synchronous
    return {"DATABASES": desktop_databases(theirs, surroundings.data, synchronous)}


def files(settings: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Keep uploaded and cached files in the data folder, and static files in the bundle."""
    data = surroundings.data
    theirs = settings.get("MEDIA_ROOT", "")
    storages = {"default": {"BACKEND": FILE_STORAGE}, **settings.get("STORAGES", {})}
    caches = settings.get("CACHES")
    changed: dict[str, Any] = {
        "MEDIA_ROOT": data.media if isinstance(theirs, Path) else str(data.media),
        "MEDIA_URL": local_url(settings.get("MEDIA_URL")) or "",
        # The system's folder is in memory on many a Linux, and may be on a disk of its own.
        "FILE_UPLOAD_TEMP_DIR": str(data.incoming),
        "STATIC_ROOT": str(surroundings.static_root),
        "STATIC_URL": local_url(settings.get("STATIC_URL")) or "/static/",
        "STORAGES": {
            name: storage(name, value, data, private_files(settings))
            for name, value in storages.items()
        }
        | {"staticfiles": {"BACKEND": STATIC_STORAGE}},
    }
    if caches:
        changed["CACHES"] = {name: cache(name, value, data) for name, value in caches.items()}
    return changed


def local_url(url: str | None) -> str | None:
    """Return *url* as a path of this server, None unless it is one below its root."""
    if not url:
        return None
    parts = urlsplit(str(url))
    path = parts.path.strip("/")
    return None if parts.scheme or parts.netloc or not path else f"/{path}/"


def private_files(settings: Settings) -> dict[str, int]:
    """Return the options that close uploads to other users, where the project sets no modes.

    Not the settings: they would close the static files of the bundle as well.
    """
    return {
        option: mode for name, (option, mode) in UPLOAD_MODES.items() if settings.get(name) is None
    }


def storage(
    name: str, settings: Settings, data: DataFolder, private: Mapping[str, int]
) -> dict[str, Any]:
    """Return one entry of STORAGES; a folder of its own becomes one in *data*.

    *private* are options that its own win over.
    """
    if settings.get("BACKEND") != FILE_STORAGE:
        return dict(settings)
    options = {**private, **dict(settings.get("OPTIONS") or {})}
    if "location" in options:
        options["location"] = str(data.media if name == "default" else data.storage(name))
    return {**settings, "OPTIONS": options}


def cache(name: str, settings: Settings, data: DataFolder) -> dict[str, Any]:
    """Return one entry of CACHES; files go to *data*."""
    if settings.get("BACKEND") != FILE_CACHE:
        return dict(settings)
    return {**settings, "LOCATION": str(data.cache / name)}


def whitenoise(settings: Settings, _surroundings: Surroundings) -> dict[str, Any]:
    """Serve static files from memory of what collectstatic made, never by looking around."""
    from djdesk_runtime.serving.static_headers import never_store_unhashed

    return {
        "WHITENOISE_AUTOREFRESH": False,
        "WHITENOISE_USE_FINDERS": False,
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,
        "WHITENOISE_ADD_HEADERS_FUNCTION": settings.get(
            "WHITENOISE_ADD_HEADERS_FUNCTION", never_store_unhashed
        ),
    }


def middleware(settings: Settings, _surroundings: Surroundings) -> dict[str, Any]:
    """Put static and media files in front of the project, right behind SecurityMiddleware.

    What completes responses comes before everything. WhiteNoise's own middleware becomes ours.
    """
    entries = [
        STATIC_MIDDLEWARE if entry == WHITENOISE_MIDDLEWARE else entry
        for entry in settings.get("MIDDLEWARE", ())
    ]
    place = entries.index(SECURITY_MIDDLEWARE) + 1 if SECURITY_MIDDLEWARE in entries else 0
    wanted = [STATIC_MIDDLEWARE]
    if settings["MEDIA_URL"]:
        wanted.append(MEDIA_MIDDLEWARE)
    entries[place:place] = [entry for entry in wanted if entry not in entries]
    return {"MIDDLEWARE": [RESPONSE_MIDDLEWARE, *entries]}


def logging(settings: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Log to a file in the data folder, unless the project configures logging by itself."""
    if "LOGGING_CONFIG" in settings and settings["LOGGING_CONFIG"] is None:
        return {}
    return {"LOGGING": desktop_logging(settings.get("LOGGING"), surroundings.data)}


def about(_settings: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Tell the project what it runs in, for its page about itself."""
    bundle = surroundings.bundle
    return {
        "DJDESK": {
            "name": bundle.name,
            "version": bundle.version,
            "revision": bundle.revision,
            "target": bundle.target,
            "data_dir": str(surroundings.data.root),
            "python_provider": bundle.python_provider,
        }
    }


# In this order: `middleware` looks at what `files` decides.
STEPS: tuple[Step, ...] = (
    loopback, cookies, databases, files, whitenoise, middleware, logging, about,
)  # fmt: skip
