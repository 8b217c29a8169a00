"""Headers of static files whose names do not carry a hash of their content."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.headers import Headers


def never_store_unhashed(headers: Headers, _path: str, _url: str) -> None:
    """Keep a browser from storing a file that the next version may change.

    Every file of a bundle has the same modification time, so asking "changed since?" would get
    the wrong answer. Files with a hash in their name are stored for ever.
    """
    if "immutable" not in (headers["Cache-Control"] or ""):
        headers["Cache-Control"] = "no-store"
