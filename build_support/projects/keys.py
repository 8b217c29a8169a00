"""The keys of [tool.djdesk]: which there are, what each means, and what goes without it.

The documentation's table is made from this one, and a key that is not here is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: The default of a key that has none.
REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `meaning` and `default` are Markdown on one line, `example` is TOML."""

    meaning: str
    default: str
    example: str


KEYS: Mapping[str, Key] = {
    "name": Key("What people call the application.", "`name` of `[project]`", '"Garden Planner"'),
    "identifier": Key(
        "A reversed domain name. It names the data folder and the cookies, so it must never "
        "change: the users' data would stay behind.",
        REQUIRED,
        '"org.example.garden"',
    ),
    "version": Key(
        "A version as [PEP 440](https://peps.python.org/pep-0440/) writes it. It grows with "
        "each release: an older version refuses the data of a newer one.",
        "`version` of `[project]`",
        '"1.2.0"',
    ),
    "settings-module": Key(
        "The project's settings, as they are imported. Looked for in `src/`, then beside "
        "`pyproject.toml`.",
        REQUIRED,
        '"garden.settings"',
    ),
    "requirements": Key(
        "The lock: every dependency, pinned and hashed.",
        "`requirements.lock`",
        '"locks/desktop.txt"',
    ),
    "languages": Key(
        "Languages whose translations of Django are kept, as in Django's `LANGUAGES`. English "
        "always is.",
        "all",
        '["en", "de", "pt-br"]',
    ),
    "source": Key(
        "Files and folders to ship. What git ignores is left out.",
        "`manage.py` and `src`; required when the settings module is not below `src/`",
        '["manage.py", "garden"]',
    ),
    "extra-files": Key(
        "More files and folders to ship, also ones that git ignores.",
        "none",
        '["seed/plants.json"]',
    ),
    "icon": Key(
        "One drawing for all icons: a square SVG, or a PNG of at least 512 x 512 pixels.",
        "DJDesk's own",
        '"garden/icon.svg"',
    ),
    "permissions": Key(
        "What pages may ask the window for, by "
        "[Electron's names](https://www.electronjs.org/docs/latest/api/session"
        "#sessetpermissionrequesthandlerhandler).",
        "none: only what browsers grant without a question",
        '["notifications"]',
    ),
    "support": Key(
        "Whom users write to when the application fails: an e-mail address or an `https` "
        "address. It is on the failure page, in the Help menu and in About.",
        "none: users are told to report it, but not to whom",
        '"help@example.org"',
    ),
    "synchronous": Key(
        "How SQLite writes. `NORMAL`: a power cut may undo the last changes. `FULL`: it undoes "
        "none, and each change takes longer. Neither ever damages the database.",
        "`NORMAL`",
        '"FULL"',
    ),
    "max-upload": Key(
        "How much one request may bring: a number and kB, MB, GB or TB (powers of 1000), or KiB, "
        "MiB, GiB or TiB (of 1024). More is answered with a page that says so.",
        "none: as much as the disk has room for",
        '"2 GB"',
    ),
    "sentry-dsn": Key(
        "Where errors are reported to.",
        "none: nothing is sent",
        '"https://0123456789abcdef@sentry.example.org/42"',
    ),
}
