"""Files and folders that the project's settings name, at any depth. For builds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Relative paths in these are below the working folder; elsewhere they cannot be told from text.
FOLDERS = ("FIXTURE_DIRS", "LOCALE_PATHS", "STATICFILES_DIRS")
# Settings are trees, but nothing keeps them from being loops.
DEEPEST = 8


def settings_paths(settings: object) -> dict[str, list[str]]:
    """Return the paths that *settings* hold, by the name of the setting."""
    found: dict[str, list[str]] = {}
    for name in dir(settings):
        if not name.isupper():
            continue
        try:
            value = getattr(settings, name)
        except Exception:  # noqa: BLE001, S112 - a setting that cannot be read names no file
            continue
        if name == "STATICFILES_DIRS":
            value = [item[-1] if isinstance(item, (list, tuple)) else item for item in value]
        paths = list(_paths(value, relative=name in FOLDERS))
        if name == "TEMPLATES":
            folders = [engine.get("DIRS", ()) for engine in value if isinstance(engine, dict)]
            paths += _paths(folders, relative=True)
        if paths:
            found[name] = list(dict.fromkeys(paths))
    return found


def _paths(value: Any, *, relative: bool, depth: int = 0) -> Iterator[str]:  # noqa: ANN401
    """Yield what of a setting is a path: absolute ones, and *relative* ones where all are."""
    if isinstance(value, (str, os.PathLike)):
        text = os.fspath(value)
        if isinstance(text, str) and text and (relative or os.path.isabs(text)):  # noqa: PTH117
            yield text
    elif depth < DEEPEST and isinstance(value, dict):
        for item in value.values():
            yield from _paths(item, relative=relative, depth=depth + 1)
    elif depth < DEEPEST and isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _paths(item, relative=relative, depth=depth + 1)
