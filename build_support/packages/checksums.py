"""`SHA256SUMS`: the checksums of published files, as `sha256sum --check` reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from build_support import digest
from build_support.errors import VerificationError

SUMS_FILE = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64}) [ *]([^/\\\0]+)")


def write_sums(files: Iterable[Path], folder: Path) -> Path:
    """Write the checksums of files in a folder, in the order of their names; return the file.

    Raises VerificationError for files that lie elsewhere or have names that the format cannot
    hold.
    """
    lines = []
    for file in sorted(files, key=lambda path: path.name):
        if file.parent.resolve() != folder.resolve() or not file.is_file():
            raise VerificationError(
                f"{file} cannot be listed in {SUMS_FILE}.", why=f"It is not a file in {folder}."
            )
        line = f"{digest.of_file(file)}  {file.name}"
        if not _LINE.fullmatch(line) or "\n" in file.name or "\r" in file.name:
            raise VerificationError(
                f"{file.name!r} cannot be listed in {SUMS_FILE}.",
                why="Its name has a character that ends a line or a folder's name.",
                hint="Give the package another name.",
            )
        lines.append(f"{line}\n")
    sums = folder / SUMS_FILE
    sums.write_text("".join(lines), encoding="utf-8", newline="\n")
    return sums


def read_sums(sums: Path) -> Mapping[str, str]:
    """Return the SHA-256 of each file that is listed, by its name.

    Raises VerificationError for a line that is not one of the format, or a name listed twice.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(sums.read_text(encoding="utf-8").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in found:
            raise VerificationError(
                f"{sums}, line {number} is no checksum of a file.", why=repr(line[:200])
            )
        found[match[2]] = match[1]
    return found


def check_sums(sums: Path) -> None:
    """Check the files beside a list. Raises VerificationError naming each that differs."""
    problems = []
    for name, sha256 in read_sums(sums).items():
        file = sums.parent / name
        if not file.is_file():
            problems.append(f"{name} is missing.")
        elif digest.of_file(file) != sha256:
            problems.append(f"{name} has changed.")
    if problems:
        raise VerificationError(
            f"The files do not match {sums.name}.",
            why="\n".join(problems),
            hint="Make the packages again, or download them again.",
        )
