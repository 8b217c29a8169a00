"""The exit codes of a bundle's `run_django.py`: the table that its errors module opens with."""

from __future__ import annotations

import re

from djdesk_runtime import errors
from docs.generate.blocks import table

_ROW = re.compile(r"^(\d+)\s{2,}(\S.*)$", re.MULTILINE)


def exit_codes() -> str:
    """Return the table."""
    return table(("code", "meaning"), [(f"{code}", text) for code, text in listed().items()])


def listed() -> dict[int, str]:
    """Return what each code means."""
    return {int(code): text for code, text in _ROW.findall(errors.__doc__ or "")}
