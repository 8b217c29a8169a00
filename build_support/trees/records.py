"""RECORD files of installed distributions: which file belongs to which, and its hash.

Source: packaging.python.org, "Recording installed projects".
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from build_support.errors import ProjectError

RECORDS = "*.dist-info/RECORD"
_SECURE = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One file: `path` as the RECORD has it, `hash` as `sha256=<URL-safe base64>` or empty."""

    path: str
    hash: str
    size: str


def read_records(packages: Path) -> dict[str, list[Row]]:
    """Return the rows of every RECORD in a folder by the name of its dist-info, both in order.

    Of a path that is named twice the row with a hash is kept. Raises ProjectError for a RECORD
    that is not a table in UTF-8.
    """
    return {file.parent.name: _read(file) for file in sorted(packages.glob(RECORDS))}


def write_record(packages: Path, info: str, rows: Iterable[Row]) -> None:
    """Write a RECORD in a form that depends on its rows alone."""
    text = io.StringIO()
    rows = sorted(rows)
    csv.writer(text, lineterminator="\n").writerows((row.path, row.hash, row.size) for row in rows)
    file = packages / info / "RECORD"
    file.unlink(missing_ok=True)  # it may be a link to the installer's cache
    file.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def is_inside(path: str) -> bool:
    """Whether a row names a file of the folder itself."""
    parts = PurePosixPath(path).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\\" not in path


def differing_files(packages: Path, records: Mapping[str, list[Row]]) -> Iterator[tuple[str, str]]:
    """Yield (dist-info, path) of each file that is missing or has another hash than its row."""
    for info, rows in records.items():
        for row in rows:
            file = packages / row.path
            if not is_inside(row.path) or not file.is_file() or not has_hash(file, row.hash):
                yield info, row.path


def has_hash(file: Path, expected: str) -> bool:
    """Whether a file has the hash of a row; a row without one, or with an unknown one, fits all."""
    algorithm, _, value = expected.partition("=")
    if algorithm not in _SECURE:
        return True
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, algorithm).digest()
    return _encoded(found) == value.rstrip("=")


def new_row(path: PurePosixPath, file: Path) -> Row:
    """Return the row of a file that a RECORD is to name `path`."""
    content = file.read_bytes()
    return Row(
        path.as_posix(), f"sha256={_encoded(hashlib.sha256(content).digest())}", str(len(content))
    )


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _read(file: Path) -> list[Row]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            table = [row for row in csv.reader(stream, strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ProjectError(
            f"The list of files of {file.parent.name.removesuffix('.dist-info')} is damaged.",
            why=f"{file.name}: {error}",
            hint="Pin another version of it in the project's lock.",
        ) from None
    rows: dict[str, Row] = {}
    for path, *values in table:
        given, size = (*values, "", "")[:2]
        if path not in rows or (given and not rows[path].hash):
            rows[path] = Row(path, given, size)
    return sorted(rows.values())
