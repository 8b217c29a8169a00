"""Blocks of generated text inside Markdown pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

_BLOCK = re.compile(r"<!-- generated: (?P<name>[a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)


def fill(page: str, makers: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with what the makers return in its blocks.

    Raises KeyError for a block that nobody makes.
    """

    def made(block: re.Match[str]) -> str:
        name = block["name"]
        return f"<!-- generated: {name} -->\n\n{makers[name]().strip()}\n\n<!-- end -->"

    return _BLOCK.sub(made, page)


def names(page: str) -> list[str]:
    """Return the names of a page's blocks."""
    return [block["name"] for block in _BLOCK.finditer(page)]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; a bar in a cell is escaped, and a line's end becomes a space."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
