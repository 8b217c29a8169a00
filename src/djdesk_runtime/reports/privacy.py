"""Who uses this computer: their home folder and name, written as ``~``."""

from __future__ import annotations

import getpass
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

HOME = "~"

# A name of an account that says nothing about anybody, or is a word of the texts themselves.
NAMES_OF_NOBODY = frozenset(
    {
        "admin", "administrator", "app", "data", "default", "django", "djdesk", "electron", "guest",
        "home", "local", "log", "logs", "main", "nobody", "owner", "python", "root", "sqlite",
        "system", "test", "user", "users",
    }
)  # fmt: skip
SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Person:
    """The user: *homes* are all paths of the home folder, *name* is empty if unknown."""

    homes: tuple[PurePath, ...]
    name: str

    def hide(self, text: str) -> str:
        """Return *text* with home folder and name replaced."""
        # The longest first: one home may end like another.
        for spelling in sorted(spellings(self.homes), key=len, reverse=True):
            whole = rf"(?<!\w){re.escape(spelling)}(?![\w-])"
            text = re.sub(whole, HOME, text, flags=re.IGNORECASE)
        if len(self.name) >= SHORTEST_NAME and self.name.lower() not in NAMES_OF_NOBODY:
            text = re.sub(rf"(?<!\w){re.escape(self.name)}(?!\w)", HOME, text)
        return text


def this_person() -> Person:
    """Return the user of this process, as far as the system knows."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = ""
    try:
        home = Path.home()
        homes = {home, home.resolve()}
    except (OSError, RuntimeError):
        homes = set()
    return Person(tuple(sorted(home for home in homes if home.parent != home)), name)


def spellings(homes: Iterable[PurePath]) -> set[str]:
    r"""Return the ways in which texts name *homes*: also in JSON (``C:\\x``) and in addresses."""
    return {
        way
        for home in homes
        for way in (
            str(home),
            str(home).replace("\\", "\\\\"),
            home.as_posix(),
            quote(home.as_posix(), safe="/:"),
        )
    }
