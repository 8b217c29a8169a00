"""The file that tells end users whose work they have got, and the others that belong to it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from build_support.licences.parts import Part
from build_support.licences.shell import LICENCE_FILES, Electron

NOTICES_FILE = "THIRD-PARTY-NOTICES.txt"
_WIDTH = 78


def write_notices(
    folder: Path, name: str, parts: Sequence[Part], electron: Electron | None
) -> None:
    """Write the notices of an application into a folder, and Electron's own files beside them.

    The same parts give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = render_notices(name, parts)
    (folder / NOTICES_FILE).write_text(text, encoding="utf-8", newline="\n")
    for source, destination in LICENCE_FILES.items() if electron else ():
        if electron is not None:
            shutil.copyfile(electron.folder / source, folder / destination)


def render_notices(name: str, parts: Sequence[Part]) -> str:
    """Return the notices: a list of all parts, then the texts of each, in the given order."""
    sections = [
        f"{name} contains the work of others, which is listed here with its licences.",
        "\n".join(_listed(part) for part in parts),
    ]
    printed: dict[str, str] = {}
    sections += [_section(part, printed) for part in parts]
    return "\n\n".join(sections) + "\n"


def without_notices(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the names of the parts that bring no text: their terms have to be looked up."""
    return tuple(part.name for part in parts if not part.notices)


def _listed(part: Part) -> str:
    return "  ".join(word for word in (_title(part), part.licence, part.homepage) if word)


def _title(part: Part) -> str:
    return f"{part.name} {part.version}".strip()


def _section(part: Part, printed: dict[str, str]) -> str:
    """Return a part's texts; those in `printed`, which is added to, are only referred to."""
    lines = ["=" * _WIDTH, _title(part)]
    if part.licence:
        lines.append(f"Licence: {part.licence}")
    if part.homepage:
        lines.append(part.homepage)
    lines.append("=" * _WIDTH)
    for notice in part.notices:
        text = _plain(notice.text)
        owner = printed.setdefault(text, part.name)
        shown = text if owner == part.name else f"The same text as above, under {owner}."
        lines += ["", f"--- {notice.file} ---", "", shown]
    if not part.notices:
        lines += ["", "It was passed on to us without a text of its licence."]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return a text with line ends of one kind and none at its ends."""
    lines = text.replace("\f", "\n").lstrip("\ufeff").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")
