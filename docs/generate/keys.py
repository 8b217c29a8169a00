"""The tables about `[tool.djdesk]`."""

from __future__ import annotations

from build_support.projects.desktop import PERMISSIONS
from build_support.projects.keys import KEYS
from docs.generate.blocks import table


def project_keys() -> str:
    """Return the table of all keys."""
    columns = ("key", "meaning", "without it")
    return table(columns, [(f"`{name}`", key.meaning, key.default) for name, key in KEYS.items()])


def example() -> str:
    """Return a table of TOML with every key."""
    lines = [f"{name} = {key.example}" for name, key in KEYS.items()]
    return "\n".join(("```toml", "[tool.djdesk]", *lines, "```"))


def permissions() -> str:
    """Return the names that `permissions` may hold."""
    return ", ".join(f"`{name}`" for name in sorted(PERMISSIONS)) + "."
