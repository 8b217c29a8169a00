"""Figures: what was measured so often, beside what it is compared with. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

Unit = Literal["s", "ms", "MB"]
#: Version of the JSON document; its fields are described in `bench`.
SCHEMA = 1
COLUMNS = ("figure", "median", "min", "unit", "compared with", "its median", "ratio", "limit", "")
_DIGITS: Mapping[Unit, int] = {"s": 3, "ms": 1, "MB": 2}
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `limit` is what its median may be; `problem` says why samples are missing.

    `samples` and `compared_samples` are in `unit`, in the order in which they were taken.
    """

    key: str
    title: str
    unit: Unit
    samples: tuple[float, ...]
    compared_with: str
    compared_samples: tuple[float, ...]
    limit: float | None = None
    problem: str = ""

    @property
    def ratio(self) -> float | None:
        """Its median over that of what it is compared with."""
        if not self.samples or not self.compared_samples:
            return None
        compared = median(self.compared_samples)
        return median(self.samples) / compared if compared else None

    @property
    def within(self) -> bool | None:
        """Whether its median is within the limit; None where there is no limit or no median."""
        if self.limit is None or not self.samples:
            return None
        return median(self.samples) <= self.limit


def to_row(figure: Figure) -> tuple[str, ...]:
    """Return a figure as a row of the table whose columns are `COLUMNS`."""
    digits = _DIGITS[figure.unit]
    ratio = figure.ratio
    verdict = {None: "", True: "within", False: "OVER"}[figure.within]
    return (
        figure.title,
        f"{median(figure.samples):.{digits}f}" if figure.samples else _NOTHING,
        f"{min(figure.samples):.{digits}f}" if figure.samples else _NOTHING,
        figure.unit,
        figure.compared_with,
        f"{median(figure.compared_samples):.{digits}f}" if figure.compared_samples else _NOTHING,
        _NOTHING if ratio is None else f"{ratio:.2f}",
        "" if figure.limit is None else f"{figure.limit:g}",
        verdict,
    )


def to_document(
    figures: Sequence[Figure], machine: Mapping[str, object], bundle: Mapping[str, object]
) -> dict[str, Any]:
    """Return all figures as the JSON document that is recorded."""
    return {
        "schema": SCHEMA,
        "machine": dict(machine),
        "bundle": dict(bundle),
        "figures": [_to_object(figure) for figure in figures],
    }


def _to_object(figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key,
        "title": figure.title,
        "unit": figure.unit,
        **_statistics(figure.samples),
        "compared_with": {"title": figure.compared_with, **_statistics(figure.compared_samples)},
        "ratio": figure.ratio,
        "limit": figure.limit,
        "within": figure.within,
        "problem": figure.problem,
    }


def _statistics(samples: Sequence[float]) -> dict[str, Any]:
    return {
        "min": min(samples, default=None),
        "median": median(samples) if samples else None,
        "samples": list(samples),
    }
