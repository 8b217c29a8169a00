"""The formats of packages, and the tools that they are made with."""

from __future__ import annotations

from collections.abc import Iterable

from build_support.packages.formats import FORMATS, HOSTS, REHEARSED, USUAL
from build_support.packages.tools import TOOLS, Tool
from docs.generate.blocks import table
from docs.generate.parsers import marked

_NAMES = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}


def formats() -> str:
    """Return the table of what each session makes, and where it runs."""
    rows = [
        (
            f"`package-{system}`",
            _listed(USUAL[system]),
            _listed(each for each in FORMATS[system] if each not in USUAL[system]),
            _listed(REHEARSED[system]),
            ", ".join(_NAMES[host] for host in HOSTS[system]),
        )
        for system in FORMATS
    ]
    return table(("session", "formats", "on request", "in a rehearsal", "runs on"), rows)


def tools() -> str:
    """Return the list of the tools."""
    return "\n".join(
        f"- **{each.name}** ({_listed(_users(each))}): {each.purpose}. "
        f"{_place(each)}; to get it: {marked(each.install)}."
        for each in TOOLS
    )


def _users(tool: Tool) -> list[str]:
    return [
        each.name
        for formats_of_one in FORMATS.values()
        for each in formats_of_one.values()
        if tool in each.tools
    ]


def _place(tool: Tool) -> str:
    return f"`{tool.variable}` names it" if tool.variable else "Looked for on `PATH`"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
