"""All that is wrong with a project, told at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

from build_support.errors import ProjectError

Value = TypeVar("Value")


class Problems:
    """Reads values, and keeps the errors of those that cannot be read until all are asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._errors: list[ProjectError] = []

    def read(self, reading: Callable[[], Value]) -> Value:
        """Return what a function reads; None, of no use but here, after a ProjectError."""
        try:
            return reading()
        except ProjectError as error:
            self._errors.append(error)
            return cast("Value", None)

    def refuse(self) -> None:
        """Raise the errors as one ProjectError; do nothing where there are none."""
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            place = f"{self._file}: "
            reasons = [
                f"{error.what.removeprefix(place)} {error.why}".strip() for error in self._errors
            ]
            raise ProjectError(
                f"{place}{len(self._errors)} things are wrong.",
                why="\n".join(reasons),
                hint="\n".join(dict.fromkeys(error.hint for error in self._errors if error.hint)),
            )
