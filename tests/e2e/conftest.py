"""What the tests of the whole application share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from build_support import ROOT
from build_support.cache import open_cache
from build_support.desktop.electron import Electron, ElectronWish, find_electron
from build_support.reporter import Reporter
from tests.e2e.desktop import Desktop
from tests.e2e.desktop import desktop as new_desktop
from tests.e2e.screen import screen
from tests.integration.conftest import Shared, shared

__all__ = ["shared"]

#: What runs on every system. The others press buttons over X11 and look into Linux' /proc.
_EVERYWHERE = frozenset({"test_smoke.py"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is made for Linux where this is another system, and say so."""
    if sys.platform != "linux":
        only_linux = pytest.mark.skip(reason="looks into /proc and drives X11; CI runs it on Linux")
        for item in items:
            if item.path.name not in _EVERYWHERE and item.path.parent.name == "e2e":
                item.add_marker(only_linux)


@pytest.fixture(scope="session")
def bundle(request: pytest.FixtureRequest) -> Path:
    """The example's bundle: the one that `nox -s e2e` names, else one made for this run."""
    named = os.environ.get("DJDESK_BUNDLE")
    if named:
        return Path(named)
    made: Shared = request.getfixturevalue("shared")

    def make(folder: Path) -> None:
        finished = made.run("bundle", "--output", folder / "django-bundle")
        assert finished.code == 0, finished.output

    return made.once("bundle", make) / "django-bundle"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, started once."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def electron() -> Electron:
    """The Electron that `nox -s run` would take."""
    wish = ElectronWish(environment=os.environ)
    return find_electron(wish, cache=open_cache(), reporter=Reporter())


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots are kept."""
    folder = ROOT / "build" / "e2e"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The screen of this worker."""
    with screen() as name:
        yield name


@pytest.fixture
def desktop(tmp_path: Path, bundle: Path, display: str, electron: Electron) -> Iterator[Desktop]:
    """A new user's account on this worker's screen."""
    with new_desktop(tmp_path, bundle, display, electron.command()) as account:
        yield account
