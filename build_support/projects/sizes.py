"""Amounts of data as people write them: a number and a unit."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Bytes of one of each, by the unit in small letters. Decimal ones as the International System
#: of Units has them, binary ones by IEC 80000-13.
UNITS: Mapping[str, int] = {
    "b": 1,
    **{f"{prefix}b": 1000**power for power, prefix in enumerate("kmgt", 1)},
    **{f"{prefix}ib": 1024**power for power, prefix in enumerate("kmgt", 1)},
}

_SIZE = re.compile(r"([0-9]{1,15})(\.[0-9]{1,3})? ?([a-z]+)", re.ASCII | re.IGNORECASE)


def parse_size(text: str) -> int:
    """Return the bytes that `text` says, "2 GB" for example. Raises ValueError."""
    match = _SIZE.fullmatch(text.strip())
    factor = UNITS.get(match[3].lower()) if match else None
    if match is None or factor is None:
        raise ValueError(f"{text!r} is not a number and a unit")
    thousandths = int(((match[2] or ".")[1:] + "000")[:3])
    return int(match[1]) * factor + thousandths * factor // 1000
