"""What a server answers to a page in Chromium, also where the page is not allowed to know."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import BrowserContext, Page, Response

#: Answered, and kept from the page; what the code was is not always told.
UNREADABLE = 0

_REFUSED_SOCKET = re.compile(r"Unexpected response code: (\d+)")


class Answers:
    """Collects the codes of all answers from `home` to a page, its frames and its windows.

    Playwright leaves out what a page may not read; the DevTools protocol tells of it.
    """

    def __init__(self, context: BrowserContext, page: Page, home: str) -> None:
        self.codes: list[int] = []
        self._home = home
        self._asked: set[str] = set()
        self._early: dict[str, int] = {}  # answers told before their requests
        context.on("response", self._note_response)
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.requestWillBeSent", self._note_request)
        devtools.on("Network.responseReceivedExtraInfo", self._note_answer)
        devtools.on("Network.loadingFailed", self._note_failure)
        devtools.on("Network.webSocketFrameError", self._note_socket)

    def _note_response(self, answer: Response) -> None:
        if answer.url.startswith(self._home):
            self.codes.append(answer.status)

    def _note_request(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith(self._home):
            self._asked.add(event["requestId"])
            if event["requestId"] in self._early:
                self.codes.append(self._early[event["requestId"]])

    def _note_answer(self, event: dict[str, Any]) -> None:
        self._early[event["requestId"]] = event["statusCode"]
        if event["requestId"] in self._asked:
            self.codes.append(event["statusCode"])

    def _note_failure(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._asked and "corsErrorStatus" in event:
            self.codes.append(UNREADABLE)

    def _note_socket(self, event: dict[str, Any]) -> None:
        if found := _REFUSED_SOCKET.search(event["errorMessage"]):
            self.codes.append(int(found[1]))
