"""The message boxes of an application that was started with a hand on them: hand.cjs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.waiting import until

HAND = Path(__file__).with_name("hand.cjs")


@dataclass(frozen=True, slots=True)
class Box:
    """A message box: what it says, and where its answer goes."""

    message: str
    detail: str
    buttons: tuple[str, ...]
    _answer: Path

    def press(self, button: str) -> None:
        """Press one of its buttons."""
        assert button in self.buttons
        partial = self._answer.with_suffix(".pressed")
        partial.write_text(button, encoding="utf-8")
        partial.rename(self._answer)


def boxes(home: Path) -> list[Box]:
    """Return all boxes so far, the first first, whether answered or not."""
    files = (home / "boxes").glob("*.json")
    return [_read(file) for file in sorted(files, key=lambda file: int(file.stem))]


def box(home: Path, number: int) -> Box:
    """Wait for the box with this number, from 1."""
    return until(lambda: dict(enumerate(boxes(home), 1)).get(number), f"there is box {number}")


def _read(file: Path) -> Box:
    told = json.loads(file.read_text(encoding="utf-8"))
    return Box(told["message"], told["detail"], tuple(told["buttons"]), file.with_suffix(".answer"))
