"""One part of what is shipped, made by others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """A text that has to be passed on: a licence, a list of authors, a copyright file."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something shipped. What is not known is empty.

    `licence` is an SPDX expression, or the name that the makers use where there is none.
    """

    name: str
    version: str
    licence: str
    homepage: str
    notices: tuple[Notice, ...]
