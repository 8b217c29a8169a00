"""The settings of a desktop application: the project's own, with what has to differ.

Every step is a pure function from the settings and their `Surroundings` to the names it sets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from djdesk_runtime.data.databases import desktop_databases
from djdesk_runtime.project.places import FILE_STORAGES, written_files
from djdesk_runtime.project.static_files import (
    FORMER_NAMES,
    former_storages,
    local_url,
    static_files,
)
from djdesk_runtime.reports.logs import desktop_logging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder

    type Settings = Mapping[str, Any]
    type Step = Callable[[Settings, Surroundings], dict[str, Any]]

SECURITY_MIDDLEWARE = "django.middleware.security.SecurityMiddleware"
WHITENOISE_MIDDLEWARE = "whitenoise.middleware.WhiteNoiseMiddleware"
STATIC_MIDDLEWARE = "djdesk_runtime.serving.static_files.StaticFilesMiddleware"
RESPONSE_MIDDLEWARE = "djdesk_runtime.serving.responses.response_middleware"
MEDIA_MIDDLEWARE = "djdesk_runtime.serving.media.media_middleware"

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
# What may begin with FORCE_SCRIPT_NAME.
BELOW_SCRIPT_NAME = (
    "CSRF_COOKIE_PATH", "LANGUAGE_COOKIE_PATH", "SESSION_COOKIE_PATH", "LOGIN_REDIRECT_URL",
    "LOGIN_URL", "LOGOUT_REDIRECT_URL", "MEDIA_URL", "STATIC_URL",
)  # fmt: skip
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
    """Where the settings are used: all that the overlay may depend on.

    *databases*: where copies of the databases are that an update works on, if one does.
    """

    bundle: BundleInfo
    data: DataFolder
    static_root: Path
    secret_key: str
    databases: DataFolder | None = None


def overlay(project: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Return the settings to run with: *project*, the uppercase names of its module, changed."""
    settings = dict(project)
    for step in STEPS:
        settings |= step(settings, surroundings)
    return {name: value for name, value in settings.items() if name not in FORMER_NAMES.values()}


def script_name(settings: Settings, _surroundings: Surroundings) -> dict[str, Any]:
    """Take the path below which the project is hosted out of what names it: here it is the root.

    A cookie that is for another path would not come back.
    """
    prefix = str(settings.get("FORCE_SCRIPT_NAME") or "").strip("/")
    if not prefix:
        return {}
    below = re.compile(rf"/{re.escape(prefix)}(?=/|$)")
    return {
        name: below.sub("", value, count=1) or "/"
        for name in BELOW_SCRIPT_NAME
        if isinstance(value := settings.get(name), str) and below.match(value)
    }


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
    place = surroundings.databases or surroundings.data
    return {"DATABASES": desktop_databases(theirs, place, synchronous)}


def storages(settings: Settings, _surroundings: Surroundings) -> dict[str, Any]:
    """Know storages by one setting, whatever the project's Django calls them."""
    from django import VERSION

    return {"STORAGES": former_storages(settings, VERSION)}


def files(settings: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Keep everything that is written in the data folder."""
    changed = written_files(settings, surroundings.bundle, surroundings.data)
    default = changed["STORAGES"]["default"]
    return changed | {"MEDIA_URL": media_url(settings.get("MEDIA_URL"), default)}


def media_url(url: object, default: Settings) -> str:
    """Return the address of uploads: a path of this server, if they are kept on this computer.

    Another server's has been copied from where the project is hosted; what it serves there
    everybody may see. Empty where uploads have no address.
    """
    if not url or default.get("BACKEND") not in FILE_STORAGES:
        return str(url or "")
    parts = urlsplit(str(url))
    return local_url(parts.path) or ("/media/" if parts.netloc else "")


def static(settings: Settings, surroundings: Surroundings) -> dict[str, Any]:
    """Serve static files from the bundle."""
    return static_files(settings, surroundings.bundle, surroundings.static_root)


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
    if settings["MEDIA_URL"].startswith("/"):
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


# In this order: `files` and `static` look at what `storages` decides, `middleware` at that; and
# `script_name` looks at what `loopback` takes away.
STEPS: tuple[Step, ...] = (
    script_name, loopback, cookies, databases, storages, files, static, middleware, logging, about,
)  # fmt: skip
