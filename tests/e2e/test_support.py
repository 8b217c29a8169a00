"""What a user finds when something is missing or has failed: a way back, and whom to write to."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from build_support.desktop.electron import Electron
from tests.e2e.actions import origin_of
from tests.e2e.crashes import kill_server_for_good
from tests.e2e.desktop import Desktop, copy_bundle, replace_file
from tests.e2e.desktop import desktop as new_desktop
from tests.e2e.hand import HAND, box, boxes, press_entry
from tests.e2e.waiting import until

_SUPPORT = "help@example.org"
_ICON_SIZE = "document.querySelector('#mark').naturalWidth"


@pytest.fixture
def desktop(tmp_path: Path, bundle: Path, display: str, electron: Electron) -> Iterator[Desktop]:
    """The application of a project that names whom to write to."""
    supported = copy_bundle(bundle, tmp_path)
    manifest = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    manifest["desktop"]["support"] = _SUPPORT
    replace_file(supported / "bundle.json", json.dumps(manifest))
    handed = replace(electron, arguments=(*electron.arguments, "-r", str(HAND)))
    with new_desktop(tmp_path, supported, display, handed.command()) as account:
        yield account


def test_a_missing_page_is_no_trap(desktop: Desktop) -> None:
    application = desktop.start()
    page = application.page()
    origin = origin_of(page)
    page.open(f"{origin}/about/")
    page.open(f"{origin}/missing/")
    press_entry(desktop.home, "&Back")
    page.wait(f"location.href === '{origin}/about/' && document.readyState === 'complete'")
    press_entry(desktop.home, "&Forward")
    page.wait(f"location.href === '{origin}/missing/' && document.readyState === 'complete'")
    press_entry(desktop.home, "&Home")
    page.wait(f"location.href === '{origin}/' && document.readyState === 'complete'")
    for _ in range(4):
        press_entry(desktop.home, "&Back")
    page.wait(f"location.href === '{origin}/' && document.readyState === 'complete'")
    assert "djdesk:" not in page.url
    assert application.close() == 0


def test_a_failure_says_whom_to_write_to_and_saves_what_helps(
    desktop: Desktop, artifacts: Path
) -> None:
    application = desktop.start()
    application.page()
    kill_server_for_good(application)
    failure = application.shell_page("failure.html")
    failure.wait_for_text("#what", "The application has stopped.")
    told = failure.evaluate("document.querySelector('main > .reasons').textContent")
    assert "signal" not in told.lower()
    assert "SIGKILL" in failure.evaluate("document.querySelector('#tail').textContent")
    assert failure.evaluate(_ICON_SIZE) > 0
    failure.screenshot(artifacts / "failure-with-support.png")

    failure.click("#diagnostics")
    question = box(desktop.home, 1)
    assert "Save" in question.buttons
    question.press("Save")
    saved = until(lambda: next(desktop.home.glob("*-diagnostics-*.zip"), None), "it is saved")
    until(lambda: zipfile.is_zipfile(saved), "it is whole")
    failure.wait("!document.querySelector('#diagnostics').disabled")

    failure.wait_for_text("#support", _SUPPORT)
    failure.click("#support")
    until(lambda: f"mailto:{_SUPPORT}" in desktop.opened(), "the mail program was started")


def test_support_is_in_the_menu_and_in_about(desktop: Desktop) -> None:
    application = desktop.start()
    application.page()
    press_entry(desktop.home, "&Contact Support…")
    until(lambda: desktop.opened() == [f"mailto:{_SUPPORT}"], "the mail program was started")
    press_entry(desktop.home, "&About DJDesk Notes")
    about = box(desktop.home, 1)
    assert _SUPPORT in about.detail
    about.press("Close")
    assert len(boxes(desktop.home)) == 1
    assert application.close() == 0
