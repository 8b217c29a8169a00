"""What the session `e2e` prepares: tests that open real windows need a screen and an Electron."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence

from build_support import ROOT
from build_support.bundles.current import prepare_test_bundle
from build_support.cache import Cache
from build_support.desktop.electron import OVERRIDE, ElectronWish, find_electron
from build_support.errors import UsageError
from build_support.paths import is_inside
from build_support.reporter import Reporter

TESTS = ROOT / "tests" / "e2e"


def prepare_tests(wish: ElectronWish, *, cache: Cache, reporter: Reporter) -> dict[str, str]:
    """Fetch and make all that the tests use, and return the variables that tell them where it is.

    The tests look for their Electron as the session does, and find it without a network.
    Raises UsageError where no window can be shown, and what `find_electron` and
    `prepare_test_bundle` raise.
    """
    check_screen(os.environ, sys.platform)
    find_electron(wish, cache=cache, reporter=reporter)
    bundle = prepare_test_bundle(cache, reporter, refresh=wish.refresh)
    given = {OVERRIDE: str(wish.dist)} if wish.dist else {}
    return {"DJDESK_BUNDLE": str(bundle), **given}


def check_screen(environment: Mapping[str, str], system: str) -> None:
    """Make sure that there is a screen, or the program that the tests make one with."""
    if not system.startswith("linux") or environment.get("DISPLAY") or shutil.which("Xvfb"):
        return
    raise UsageError(
        "There is no screen to show windows on.",
        why="DISPLAY is not set, and Xvfb is not installed.",
        hint="Install it: apt-get install xvfb xauth",
    )


def pytest_arguments(words: Sequence[str]) -> list[str]:
    """Return pytest's arguments: all tests of this kind, unless some of them are named."""
    places = [word.partition("::")[0] for word in words if not word.startswith("-")]
    named = any(is_inside(ROOT / place, TESTS) for place in places)
    # Two at a time: each has a screen and an application of its own, and some measure time.
    return ["--numprocesses=2", *([] if named else [str(TESTS)]), *words]
