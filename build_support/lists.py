"""Lists in messages: no longer than people read."""

from __future__ import annotations

from collections.abc import Iterable


def listed(items: Iterable[object], *, most: int) -> str:
    """Return items on a line each, and how many there are besides the first `most`."""
    lines = [str(item) for item in items]
    more = len(lines) - most
    return "\n".join([*lines[:most], f"and {more} more"] if more > 0 else lines)
