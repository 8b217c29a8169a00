"""The one way to read a file of the project that people write."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from build_support.errors import ProjectError

_OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def read_text(file: Path) -> str:
    """Return the content of a UTF-8 file, without byte order mark, lines ending in a newline.

    Raises ProjectError, naming the line, when it is not UTF-8, and OSError when it cannot be
    read at all.
    """
    content = file.read_bytes()
    for mark, encoding in _OTHER_ENCODINGS.items():
        if content.startswith(mark):
            raise _not_utf8_error(file, f"It is in {encoding}.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise _not_utf8_error(file, f"Line {line} has the byte 0x{byte:02x}.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _not_utf8_error(file, f"Line {line} has a null character.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_toml(file: Path) -> dict[str, Any]:
    """Parse a TOML file. Raises what `read_text` raises, and ProjectError for wrong TOML."""
    try:
        return tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(
            f"{file} is not valid TOML.", why=str(error), hint="Correct that line."
        ) from None


def table_at(document: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return a table by its path in a document; empty where there is none."""
    table: object = document
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _not_utf8_error(file: Path, why: str) -> ProjectError:
    return ProjectError(
        f"{file} is not a UTF-8 text file.", why=why, hint="Save it in UTF-8 with your editor."
    )
