"""What was meant by a name that does not exist. Needs nothing of the build's libraries."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def nearest(word: str, known: Collection[str]) -> str:
    """Return the known name that a word is most like; empty when it is like none."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else ""


def suggestion(word: str, known: Collection[str]) -> str:
    """Return "; did you mean …?" for a word that is like a known name, else nothing."""
    name = nearest(word, known)
    return f"; did you mean {name}?" if name else ""
