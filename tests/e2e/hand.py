"""A user's hand on the message boxes and the menu of an application: hand.cjs is at its end."""

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
        """Press one of its buttons, and wait until that is done."""
        assert button in self.buttons
        _give(self._answer, button)


def boxes(home: Path) -> list[Box]:
    """Return all boxes so far, the first first, whether answered or not."""
    files = (home / "hand").glob("*.json")
    return [_read(file) for file in sorted(files, key=lambda file: int(file.stem))]


def box(home: Path, number: int) -> Box:
    """Wait for the box with this number, from 1."""
    return until(lambda: dict(enumerate(boxes(home), 1)).get(number), f"there is box {number}")


def press_entry(home: Path, name: str) -> None:
    """Press an entry of the menu, and wait until that is done."""
    folder = home / "hand"
    folder.mkdir(exist_ok=True)
    _give(folder / "entry", name)


def _give(file: Path, text: str) -> None:
    """Write a file in one piece, and wait until it is taken."""
    partial = file.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.rename(file)
    until(lambda: not file.exists(), f"{text} is pressed")


def _read(file: Path) -> Box:
    told = json.loads(file.read_text(encoding="utf-8"))
    return Box(told["message"], told["detail"], tuple(told["buttons"]), file.with_suffix(".answer"))
