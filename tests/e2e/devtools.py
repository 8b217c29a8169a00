"""Drive the pages of an Electron application through the Chrome DevTools Protocol.

Only what Chromium 83 (Electron 9) and today's Chromium both understand; Playwright asks the
former for what it does not have. https://chromedevtools.github.io/devtools-protocol/1-3/
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.e2e.waiting import PATIENCE, until

_ANSWER_SECONDS = 30.0
#: Texts of errors that say a page went elsewhere while it was asked: ask again.
_MOVED = ("context", "navigat", "Promise was collected", "not attached", "Cannot find")


class DevToolsError(Exception):
    """A command that was refused; its text is Chromium's."""


class GoneError(DevToolsError):
    """The page, or the whole application, is no longer there."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be driven. `kind` is "page" for what a window shows."""

    identifier: str
    kind: str
    url: str


class DevTools:
    """The connection to one application, used by one thread.

    `visited` are the addresses that pages had, in the order in which they were first seen.
    """

    def __init__(self, address: str) -> None:
        self._open = ExitStack()
        connection = connect(address, max_size=None, compression=None)
        self._socket: ClientConnection = self._open.enter_context(connection)
        self._last = 0
        self._events: list[dict[str, Any]] = []
        self.visited: list[str] = []
        self.command("Target.setDiscoverTargets", {"discover": True})

    def close(self) -> None:
        """Let go of the application, which goes on."""
        self._open.close()

    def command(
        self, method: str, parameters: Mapping[str, Any] | None = None, session: str = ""
    ) -> dict[str, Any]:
        """Send a command and return its result. Raises DevToolsError."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": dict(parameters or {})}
        if session:
            message["sessionId"] = session
        try:
            self._socket.send(json.dumps(message))
            while True:
                answer = json.loads(self._socket.recv(timeout=_ANSWER_SECONDS))
                if answer.get("id") == self._last:
                    return _result(method, answer)
                self._note(answer)
        except ConnectionClosed as error:
            raise GoneError(f"{method}: the application is gone") from error
        except TimeoutError as error:
            raise DevToolsError(f"{method}: no answer in {_ANSWER_SECONDS:g} s") from error

    def _note(self, event: dict[str, Any]) -> None:
        if "method" not in event:
            return  # the answer to a command that nobody waits for any more
        self._events.append(event)
        info = event.get("params", {}).get("targetInfo", {})
        if info.get("type") == "page" and info["url"] not in self.visited:
            self.visited.append(info["url"])

    def events(self, method: str) -> list[dict[str, Any]]:
        """Return the parameters of all events of this name that came so far."""
        return [event["params"] for event in self._events if event.get("method") == method]

    def targets(self) -> list[Target]:
        """Return what there is to drive at this moment."""
        infos = self.command("Target.getTargets")["targetInfos"]
        return [Target(info["targetId"], info["type"], info["url"]) for info in infos]

    def pages(self) -> list[Target]:
        """Return what windows show at this moment, without inspectors."""
        return [target for target in self.targets() if target.kind == "page"]

    def attach(self, target: Target) -> Page:
        """Begin to drive a target."""
        parameters = {"targetId": target.identifier, "flatten": True}
        session = self.command("Target.attachToTarget", parameters)["sessionId"]
        return Page(self, target.identifier, session)

    def page(self, matches: Callable[[str], bool], what: str, seconds: float = PATIENCE) -> Page:
        """Wait for a page whose address *matches*, and begin to drive it."""

        def find() -> Target | None:
            return next((page for page in self.pages() if matches(page.url)), None)

        return self.attach(until(find, what, seconds))


class Page:
    """One page being driven, through whatever it navigates to."""

    def __init__(self, devtools: DevTools, target: str, session: str) -> None:
        self._devtools = devtools
        self._session = session
        self.target = target

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - as JSON
        """Send a command about this page."""
        return self._devtools.command(method, parameters, self._session)

    def evaluate(self, expression: str, *, gesture: bool = False) -> Any:  # noqa: ANN401 - as JSON
        """Return the value of a JavaScript expression; a promise is waited for.

        With *gesture*, as if a user had just clicked. Raises DevToolsError with the text of a
        JavaScript error.
        """
        answer = self.command(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=gesture,
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise DevToolsError(details.get("exception", details).get("description", str(details)))
        return answer["result"].get("value")

    def wait(self, expression: str, seconds: float = PATIENCE) -> Any:  # noqa: ANN401 - as JSON
        """Wait until an expression is true on whatever page this is by then; return its value."""

        def ask() -> Any:  # noqa: ANN401 - as JSON
            try:
                return self.evaluate(expression)
            except GoneError:
                raise
            except DevToolsError as error:
                if any(text in str(error) for text in _MOVED):
                    return None
                raise

        return until(ask, expression, seconds)

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until the first element that a selector finds holds exactly this text."""
        self.wait(f"{_query(selector)}?.textContent === {json.dumps(text)}")

    def wait_for_text_within(self, selector: str, text: str) -> None:
        """Wait until the first element that a selector finds holds this text somewhere."""
        self.wait(f"{_query(selector)}?.textContent.includes({json.dumps(text)})")

    @property
    def url(self) -> str:
        """The address of the document."""
        return str(self.wait("location.href"))

    def click(self, selector: str) -> None:
        """Wait for an element and click it with the mouse, in its middle."""
        self.wait(f"document.readyState === 'complete' && !!{_query(selector)}")
        script = (
            f"(() => {{ const e = {_query(selector)}; e.scrollIntoView({{block: 'center'}});"
            " const r = e.getClientRects()[0];"
            " return [r.left + r.width / 2, r.top + r.height / 2]; })()"
        )
        left, top = self.evaluate(script)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            self.command(
                "Input.dispatchMouseEvent", type=kind, x=left, y=top, button=button, clickCount=1
            )

    def type(self, selector: str, text: str) -> None:
        """Wait for a field, put the cursor into it and type."""
        self.wait(f"document.readyState === 'complete' && !!{_query(selector)}")
        self.evaluate(f"{_query(selector)}.focus()")
        self.command("Input.insertText", text=text)

    def choose_files(self, selector: str, files: Sequence[Path]) -> None:
        """Wait for a file input and choose files in it."""
        self.wait(f"!!{_query(selector)}")
        found = self.command("Runtime.evaluate", expression=_query(selector))
        self.command(
            "DOM.setFileInputFiles",
            files=[str(file) for file in files],
            objectId=found["result"]["objectId"],
        )

    def open(self, url: str) -> None:
        """Go to an address as the page itself would, and wait until that document is there."""
        self.evaluate(f"location.href = {json.dumps(url)}")
        self.wait(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def screenshot(self, file: Path) -> Path:
        """Save what the page looks like as a PNG file, and return the file."""
        file.parent.mkdir(parents=True, exist_ok=True)
        data = self.command("Page.captureScreenshot", format="png")["data"]
        file.write_bytes(base64.b64decode(data))
        return file


def _query(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})"


def _result(method: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    if "error" not in answer:
        result: dict[str, Any] = answer["result"]
        return result
    text = str(answer["error"].get("message", ""))
    kind = GoneError if "Session with given id" in text or "No session" in text else DevToolsError
    raise kind(f"{method}: {text}")
