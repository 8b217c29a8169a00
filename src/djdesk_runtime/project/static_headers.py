"""How long a browser may keep a static file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.headers import Headers

    type AddHeaders = Callable[[Headers, str, str], None]
    type IsImmutable = Callable[[str, str], bool]


def add_headers(own: AddHeaders | None) -> AddHeaders:
    """Return the function that adds headers: what *own*, the project's, adds, and then ours."""

    def add(headers: Headers, path: str, url: str) -> None:
        if own is not None:
            own(headers, path, url)
        never_store_unhashed(headers, path, url)

    return add


def never_store_unhashed(headers: Headers, _path: str, _url: str) -> None:
    """Keep a browser from storing a file that the next version may change.

    Every file of a bundle has the same modification time, so asking "changed since?" would get
    the wrong answer. Files with a hash in their name are stored for ever.
    """
    if "immutable" not in (headers["Cache-Control"] or ""):
        headers["Cache-Control"] = "no-store"


def immutable_file_test(own: IsImmutable | str | None) -> IsImmutable:
    """Return the function that tells whether a file never changes under its name.

    Those do not that the bundle's storage has named by their content, and those that *own*, the
    project's own function or regular expression, knows to be named so.
    """
    pattern = None if own is None or callable(own) else re.compile(own)

    def is_immutable(path: str, url: str) -> bool:
        if pattern is not None and pattern.search(url):
            return True
        return (callable(own) and bool(own(path, url))) or Path(path) in hashed_files()

    return is_immutable


@cache
def hashed_files() -> frozenset[Path]:
    """Return the files that the bundle's storage has named by their content."""
    from django.conf import settings
    from django.contrib.staticfiles.storage import staticfiles_storage

    root = Path(settings.STATIC_ROOT).absolute()
    hashed: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    return frozenset(root / name for plain, name in hashed.items() if name != plain)
