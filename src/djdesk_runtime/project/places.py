"""Where a project writes: in the user's data, whatever its settings name.

The bundle is read-only, and may be another user's. What Django itself writes has places of its
own; any other setting that names a place in the bundle where nothing is gets one in `files`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder

    type Settings = Mapping[str, Any]

FILE_STORAGE = "django.core.files.storage.FileSystemStorage"
FILE_STORAGES = frozenset({FILE_STORAGE, "django.core.files.storage.filesystem.FileSystemStorage"})
FILE_CACHES = frozenset(
    {"django.core.cache.backends.filebased.FileBasedCache", "diskcache.DjangoCache"}
)
FILE_SESSIONS = "django.contrib.sessions.backends.file"

UPLOAD_MODES = {
    "FILE_UPLOAD_PERMISSIONS": ("file_permissions_mode", 0o600),
    "FILE_UPLOAD_DIRECTORY_PERMISSIONS": ("directory_permissions_mode", 0o700),
}

# What is only read, and what other steps decide.
NOT_WRITTEN = frozenset(
    {
        "DATABASES", "FIXTURE_DIRS", "INSTALLED_APPS", "LOCALE_PATHS", "MEDIA_ROOT",
        "STATICFILES_DIRS", "STATIC_ROOT", "TEMPLATES", "WHITENOISE_ROOT",
    }
)  # fmt: skip


def sessions_folder(data: DataFolder) -> Path:
    """Return the folder of sessions that are kept as files."""
    return data.root / "sessions"


def mail_folder(data: DataFolder) -> Path:
    """Return the folder of mail that is written to files instead of being sent."""
    return data.root / "mail"


def other_files(data: DataFolder) -> Path:
    """Return the folder of what other settings name."""
    return data.root / "files"


def written_files(settings: Settings, bundle: BundleInfo, data: DataFolder) -> dict[str, Any]:
    """Return the settings that name a place to write in, changed to places in *data*."""
    changed = {
        name: moved
        for name, value in settings.items()
        if name not in NOT_WRITTEN and (moved := move(value, bundle.root, data)) is not value
    }
    known = {**settings, **changed}
    storages = {"default": {"BACKEND": FILE_STORAGE}, **(known.get("STORAGES") or {})}
    media = settings.get("MEDIA_ROOT", "")
    changed |= {
        "MEDIA_ROOT": data.media if isinstance(media, Path) else str(data.media),
        # The system's folder is in memory on many a Linux, and may be on a disk of its own.
        "FILE_UPLOAD_TEMP_DIR": str(data.incoming),
        "STORAGES": {
            name: storage(name, value, data, private_files(settings))
            for name, value in storages.items()
        },
    }
    if caches := known.get("CACHES"):
        changed["CACHES"] = {name: cache(name, value, data) for name, value in caches.items()}
    if known.get("SESSION_FILE_PATH") or known.get("SESSION_ENGINE") == FILE_SESSIONS:
        changed["SESSION_FILE_PATH"] = str(sessions_folder(data))
    if known.get("EMAIL_FILE_PATH"):
        changed["EMAIL_FILE_PATH"] = str(mail_folder(data))
    if mailers := known.get("MAILERS"):
        changed["MAILERS"] = {name: mailer(name, value, data) for name, value in mailers.items()}
    return changed


def move(value: Any, bundle: Path, data: DataFolder) -> Any:  # noqa: ANN401 - any setting's
    """Return *value* with every path to nothing in *bundle* as the same path in *data*.

    It is *value* itself if there is none. Objects that are not of Python's own types are not even
    compared: a translation cannot be looked at while settings are made.
    """
    if type(value) is dict:
        items = {key: move(item, bundle, data) for key, item in value.items()}
        return value if all(items[key] is value[key] for key in value) else items
    if type(value) in SEQUENCES:
        moved = [move(item, bundle, data) for item in value]
        unchanged = all(new is old for new, old in zip(moved, value, strict=True))
        return value if unchanged else type(value)(moved)
    if not isinstance(value, str | Path) or not os.path.isabs(value):  # noqa: PTH117 - of both
        return value
    path = Path(os.path.normpath(value))
    for root in roots(bundle):
        if path.is_relative_to(root) and is_nothing(path):
            place = other_files(data) / path.relative_to(root)
            return place if isinstance(value, Path) else str(place)
    return value


SEQUENCES = (list, tuple, set, frozenset)


def roots(bundle: Path) -> Iterator[Path]:
    """Yield the folders of the project and the bundle, by the names that settings know them by."""
    for root in dict.fromkeys((bundle.absolute(), bundle.resolve())):
        yield root / "app"
        yield root


def is_nothing(path: Path) -> bool:
    """Tell whether nothing is at *path*, or an empty folder: it was made to be written in."""
    try:
        return not any(path.iterdir())
    except NotADirectoryError:
        return False
    except (OSError, ValueError):
        return not path.exists()


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
    if settings.get("BACKEND") not in FILE_STORAGES:
        return dict(settings)
    options = {**private, **dict(settings.get("OPTIONS") or {})}
    if "location" in options:
        options["location"] = str(data.media if name == "default" else data.storage(name))
    return {**settings, "OPTIONS": options}


def cache(name: str, settings: Settings, data: DataFolder) -> dict[str, Any]:
    """Return one entry of CACHES; files go to *data*."""
    if settings.get("BACKEND") not in FILE_CACHES:
        return dict(settings)
    return {**settings, "LOCATION": str(data.cache / name)}


def mailer(name: str, settings: Settings, data: DataFolder) -> dict[str, Any]:
    """Return one entry of MAILERS; mail that is written to files is written to *data*."""
    options = dict(settings.get("OPTIONS") or {})
    if "file_path" not in options:
        return dict(settings)
    options["file_path"] = str(mail_folder(data) / name)
    return {**settings, "OPTIONS": options}


def make_folders(settings: Settings, data: DataFolder) -> None:
    """Make the folder that Django expects to be there already. Raises OSError."""
    if settings.get("SESSION_FILE_PATH"):
        sessions_folder(data).mkdir(mode=0o700, parents=True, exist_ok=True)
