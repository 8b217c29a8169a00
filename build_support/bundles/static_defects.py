"""What is wrong in static files, as collectstatic has found it: whose files they are decides."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build_support.bundles.project_errors import Copy
from build_support.errors import ProjectError
from build_support.lists import listed
from build_support.reporter import Reporter

_SHOWN = 10
_HINT = (
    "Correct or remove each reference, or add the file that it names. A storage without hashed "
    'names in STORAGES["staticfiles"] takes files as they are.'
)


@dataclass(frozen=True, slots=True)
class Defect:
    """A line of a static file (0: all of it), and what is wrong with it."""

    name: str
    file: Path | None
    line: int
    what: str

    def told(self, place: str) -> str:
        """Return a sentence that names the file as `place`."""
        line = f", line {self.line}" if self.line else ""
        return f"{place}{line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Report:
    """All defects. `strict` means that the project's own storage would not take them."""

    strict: bool
    defects: tuple[Defect, ...]


def read_report(file: Path) -> Report:
    """Read the report of the runtime's command `collect-static`."""
    document: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    defects = (
        Defect(
            item["name"], Path(item["file"]) if item["file"] else None, item["line"], item["what"]
        )
        for item in document["defects"]
    )
    return Report(document["strict"], tuple(defects))


def report_defects(report: Report, copy: Copy, packages: Path, reporter: Reporter) -> None:
    """Warn of defects that are not the project's own, or that its own storage would take.

    `packages` is the folder of the distributions. Raises ProjectError, naming all, for others.
    """
    own, foreign = [], []
    for defect in report.defects:
        place = copy.own(str(defect.file)) if defect.file else None
        if place is not None:
            own.append(defect.told(place))
        else:
            foreign.append(defect.told(_foreign_place(defect, packages)))
    if own and report.strict:
        raise ProjectError(
            "Static files of the project are defective.", why=listed(own, most=_SHOWN), hint=_HINT
        )
    if defects := [*own, *foreign]:
        reporter.warning(f"Static files are shipped with defects:\n{listed(defects, most=_SHOWN)}")


def _foreign_place(defect: Defect, packages: Path) -> str:
    if defect.file is None:
        return defect.name
    if not defect.file.is_relative_to(packages):
        return str(defect.file)
    place = defect.file.relative_to(packages).as_posix()
    return next((f"{name}: {place}" for name in _distributions_with(place, packages)), place)


def _distributions_with(file: str, packages: Path) -> Iterator[str]:
    for distribution in importlib.metadata.distributions(path=[str(packages)]):
        if any(path.as_posix() == file for path in distribution.files or ()):
            yield f"{distribution.name} {distribution.version}"
