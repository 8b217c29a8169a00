"""The example's bundle for Windows, around a real Windows CPython."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_support.target import host_target
from tests.integration.conftest import Shared
from tests.pins import write_pins
from tests.windows.interpreter import TARGET, make_archive

#: Where a user may well put it: a space, and letters outside ASCII.
_PLACE = "Größe ü"


def make_windows_bundle(shared: Shared) -> Path:
    """Return the bundle, which the first to ask for it makes; skip the test on Windows."""
    if host_target() == TARGET:
        pytest.skip("needs a CPython 3.14 that compiles; Windows tests its own bundle itself")

    def make(folder: Path) -> None:
        archive = make_archive(folder)
        pins = write_pins(folder / "pins.json", {TARGET.name: archive})
        words = ("--target", TARGET, "--interpreter-archive", archive, "--pins", pins)
        output = folder / _PLACE / "django-bundle"
        finished = shared.run("bundle", *words, "--output", output)
        assert finished.code == 0, finished.output

    return shared.once("windows-bundle", make) / _PLACE / "django-bundle"
