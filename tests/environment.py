"""Environment variables that no test may depend on: of terminals, CI services, shells, secrets.

Tests that are about such a variable set it themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

_NAMES = frozenset(
    {
        *("CI", "COLORTERM", "COLUMNS", "LINES", "TERM", "TZ", "LANG", "LANGUAGE"),
        *("CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "PYTHON_COLORS"),
        *("TTY_COMPATIBLE", "TTY_INTERACTIVE", "DJDESK_RELEASE", "DJDESK_UNSIGNED"),
        *("PYTHONWARNINGS", "PYTHONPATH", "PYTHONHOME", "PYTHONIOENCODING", "PYTHONOPTIMIZE"),
    }
)
_PREFIXES = ("ACTIONS_", "APPLE_", "AZURE_", "CSC_", "GIT_", "GITHUB_", "LC_", "WIN_CSC_")


def foreign_variables(names: Iterable[str]) -> list[str]:
    """Return those of some variables' names that tests must not see. Case does not matter."""
    return [name for name in names if name.upper() in _NAMES or name.upper().startswith(_PREFIXES)]
