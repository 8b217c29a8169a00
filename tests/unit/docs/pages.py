"""The Markdown pages of the repository, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT

PAGES = tuple(
    sorted(
        [
            *ROOT.glob("*.md"),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / "electron").glob("*.md"),
        ]
    )
)

_FENCE = re.compile(r"^(`{3,})([^\n]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(\s*([^)\s]+)[^)]*\)")
_MARK = re.compile(r"# ((?:Linux|macOS|Windows)(?:, (?:Linux|macOS|Windows))*)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One command of a page; `systems` is what a comment above it in its block says."""

    page: Path
    text: str
    systems: str

    def __str__(self) -> str:
        return f"{name(self.page)}: {self.text}"


def name(page: Path) -> str:
    """Return how a page is called in the repository."""
    return page.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", text)


def shell_lines(page: Path) -> Iterator[Line]:
    """Yield the commands in a page's blocks for a shell."""
    for block in _FENCE.finditer(page.read_text(encoding="utf-8")):
        if block[2].strip() == "sh":
            yield from _lines(page, block[3])


def _lines(page: Path, block: str) -> Iterator[Line]:
    systems = ""
    for line in block.splitlines():
        if mark := _MARK.fullmatch(line.strip()):
            systems = mark[1]
        for command in line.split(" && "):
            text = re.sub(r"\s+#.*", "", f" {command}").strip()
            if text:
                yield Line(page, text, systems)


def inline_commands(page: Path) -> Iterator[Line]:
    """Yield the commands with nox in a page's running text."""
    for code in _INLINE.findall(prose(page.read_text(encoding="utf-8"))):
        text = " ".join(code.split())
        if re.match(r"(?:python3 -m )?nox -", text):
            yield Line(page, text, "")


def links(page: Path) -> list[str]:
    """Return where a page's links and pictures lead."""
    return _LINK.findall(_INLINE.sub("", prose(page.read_text(encoding="utf-8"))))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MyST make them."""
    headings = _HEADING.findall(prose(page.read_text(encoding="utf-8")))
    return {_slug(heading) for heading in headings}


def _slug(heading: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
