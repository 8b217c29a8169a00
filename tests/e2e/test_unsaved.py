"""What was typed and not yet saved: no window takes it away unasked."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from build_support.desktop.electron import Electron
from tests.e2e import processes, screen
from tests.e2e.actions import origin_of
from tests.e2e.crashes import kill_server_for_good
from tests.e2e.desktop import Application, Desktop
from tests.e2e.desktop import desktop as new_desktop
from tests.e2e.devtools import DevToolsError, Page
from tests.e2e.hand import HAND, box, boxes, press_entry
from tests.e2e.notes import titles
from tests.e2e.waiting import until

_QUESTION = "Leave this page?"
_FORM = "/notes/new/"
_NEW_WINDOW = (
    f"document.querySelector('main').prepend(Object.assign(document.createElement('a'), "
    f"{{href: '{_FORM}', target: '_blank', id: 'made', textContent: 'a link to click'}}))"
)
_TITLE = "document.querySelector('#id_title').value"
_LET_GO = "document.querySelector('.note-form').reset()"


@pytest.fixture
def desktop(tmp_path: Path, bundle: Path, display: str, electron: Electron) -> Iterator[Desktop]:
    handed = replace(electron, arguments=(*electron.arguments, "-r", str(HAND)))
    with new_desktop(tmp_path, bundle, display, handed.command()) as account:
        yield account


def _type(page: Page, text: str) -> None:
    """Type into the form; the page holds on to it from then on."""
    page.click("#id_title")
    page.type("#id_title", text)


def _open_form(application: Application, page: Page) -> Page:
    """Open the form in a window of its own."""
    page.evaluate(_NEW_WINDOW)
    page.click("#made")
    return application.page(_FORM.lstrip("/"))


def _close(page: Page) -> None:
    """Close the page's window, and no other."""
    with contextlib.suppress(DevToolsError):
        page.evaluate("window.close()")


def test_a_window_outlives_the_one_that_it_was_opened_from(desktop: Desktop) -> None:
    application = desktop.start()
    first = application.page()
    form = _open_form(application, first)
    _type(form, "In the second window")
    _close(first)
    until(lambda: len(application.devtools.pages()) == 1, "one window is left")
    assert form.evaluate(_TITLE) == "In the second window"
    assert desktop.start().wait() == 0, "a second start shows the window that is left"
    assert form.evaluate(_TITLE) == "In the second window"
    assert boxes(desktop.home) == []
    form.click(".note-form button[type=submit]")
    form.wait_for_text("h1", "In the second window")
    assert application.close() == 0
    assert titles(desktop.data) == ["In the second window"]


@pytest.mark.parametrize("leave", ["close", "link"])
def test_the_example_asks_before_typed_text_is_lost(desktop: Desktop, leave: str) -> None:
    application = desktop.start()
    page = application.page()
    page.open(f"{origin_of(page)}{_FORM}")
    page.click("#id_title")
    page.type("#id_title", "Typed")

    def go() -> None:
        if leave == "close":
            screen.close_windows(desktop.display, application.process.pid)
        else:
            _leave(page, "/about/")

    go()
    question = box(desktop.home, 1)
    assert question.message == _QUESTION
    question.press("Stay")
    assert page.evaluate(_TITLE) == "Typed"
    page.evaluate("document.querySelector('#id_title').select()")
    page.type("#id_title", "Saved")
    page.click(".note-form button[type=submit]")
    page.wait_for_text("h1", "Saved")
    assert titles(desktop.data) == ["Saved"]
    page.open(f"{origin_of(page)}/notes/1/edit/")
    page.type("#id_title", " and changed")
    page.evaluate("document.querySelector('#id_title').value = 'Saved'")
    page.open(f"{origin_of(page)}{_FORM}")
    page.open(f"{origin_of(page)}/about/")
    assert len(boxes(desktop.home)) == 1, "nothing that is unsaved is lost by any of that"
    assert application.close() == 0


def test_the_example_asks_before_a_refused_form_is_left(desktop: Desktop) -> None:
    application = desktop.start()
    page = application.page()
    page.open(f"{origin_of(page)}{_FORM}")
    page.click("#id_text")
    page.type("#id_text", "A text without a title")
    page.evaluate("document.querySelector('.note-form').noValidate = true")
    page.click(".note-form button[type=submit]")
    page.wait("!!document.querySelector('.error-summary')")
    page.click("#id_title")
    _leave(page, "/about/")
    question = box(desktop.home, 1)
    assert question.message == _QUESTION
    question.press("Leave")
    page.wait("location.pathname === '/about/'")
    assert application.close() == 0


def test_quitting_asks_each_window_with_unsaved_text(desktop: Desktop) -> None:
    application = desktop.start()
    first = application.page()
    second = _open_form(application, first)
    first.open(f"{origin_of(first)}{_FORM}")
    _type(first, "one")
    _type(second, "two")
    application.process.send_signal(signal.SIGTERM)
    for number in (1, 2):
        question = box(desktop.home, number)
        assert question.message == _QUESTION
        question.press("Stay")
    assert first.evaluate(_TITLE) == "one"
    assert second.evaluate(_TITLE) == "two"
    application.server()
    for page in (first, second):
        page.evaluate(_LET_GO)
    assert application.close() == 0
    processes.none_left(desktop.home, 5)


def test_a_server_that_failed_is_told_beside_what_was_typed(desktop: Desktop) -> None:
    application = desktop.start()
    page = application.page()
    page.open(f"{origin_of(page)}{_FORM}")
    _type(page, "Typed before the failure")
    kill_server_for_good(application)

    failure = box(desktop.home, 1)
    assert failure.message == "The application has stopped."
    assert "Reason: " in failure.detail
    assert failure.buttons == ("Try Again", "Open Logs", "Later")
    failure.press("Later")
    _leave(page, "/about/")
    box(desktop.home, 2).press("Leave")
    again = box(desktop.home, 3)
    assert again.message == failure.message
    again.press("Later")
    press_entry(desktop.home, "&Reload")
    again = box(desktop.home, 4)
    assert again.message == failure.message
    assert page.evaluate(_TITLE) == "Typed before the failure"

    again.press("Try Again")
    application.server()
    until(lambda: _is_saved(page), "the form is sent once the server is back")
    assert titles(desktop.data) == ["Typed before the failure"]
    told = [asked.message for asked in boxes(desktop.home)]
    assert told == [failure.message, _QUESTION, failure.message, failure.message]
    assert application.close() == 0


def _leave(page: Page, path: str) -> None:
    """Go elsewhere, which the page asks about before the script goes on."""
    page.evaluate(f"setTimeout(() => {{ location.href = '{path}' }}, 0)")


def _is_saved(page: Page) -> bool:
    """Send the form if it is still there; tell whether the note is shown."""
    button = "document.querySelector('.note-form button[type=submit]')"
    with contextlib.suppress(DevToolsError):
        page.evaluate(f"{button}?.click()")
        return bool(page.evaluate("/^.notes.\\d+.$/.test(location.pathname)"))
    return False


def test_a_server_that_failed_is_told_in_every_window(desktop: Desktop) -> None:
    application = desktop.start()
    second = _open_form(application, application.page())
    _type(second, "Typed before the failure")
    kill_server_for_good(application)
    failure = application.shell_page("failure.html")
    told = box(desktop.home, 1)
    assert told.message == "The application has stopped."
    failure.click("#retry")
    application.server()
    assert second.evaluate(_TITLE) == "Typed before the failure"
