"""What a user does with the notes, in the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.e2e.desktop import Application
from tests.e2e.devtools import Page
from tests.e2e.waiting import until

_TOKEN_HEADER = "x-djdesk-token"
_ON_A_NOTE = "/^\\/notes\\/\\d+\\/$/.test(location.pathname) && document.readyState === 'complete'"


def origin_of(page: Page) -> str:
    """Return the origin of a page, such as "http://127.0.0.1:43210"."""
    return str(page.wait("location.origin"))


def write_note(page: Page, title: str, text: str = "", files: Sequence[Path] = ()) -> None:
    """Write a note with the form, save it, and wait until its own page is shown."""
    page.open(f"{origin_of(page)}/notes/new/")
    page.type("#id_title", title)
    if text:
        page.type("#id_text", text)
    if files:
        page.choose_files("#id_uploads", files)
    page.click(".note-form button[type=submit]")
    page.wait(_ON_A_NOTE)
    page.wait_for_text("h1", title)


def token_of(application: Application, page: Page) -> str:
    """Return the token that the shell adds to this page's requests, as Chromium sends them."""
    event = "Network.requestWillBeSentExtraInfo"
    page.command("Network.enable")
    seen = len(application.devtools.events(event))
    page.evaluate("location.reload()")

    def sent() -> str | None:
        page.evaluate("1")  # events come with the answers to commands
        for parameters in application.devtools.events(event)[seen:]:
            for name, value in parameters["headers"].items():
                if name.lower() == _TOKEN_HEADER:
                    return str(value)
        return None

    token = until(sent, "a request with a token")
    page.wait("document.readyState === 'complete'")
    return token
