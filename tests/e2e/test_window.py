"""What a page can do in the window, and what it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from build_support.desktop.electron import Electron
from tests.e2e import screen
from tests.e2e.actions import origin_of, write_note
from tests.e2e.desktop import Application, Desktop
from tests.e2e.devtools import DevToolsError, Page
from tests.e2e.waiting import until
from tests.servers import Reply, Request, Server

SPLASH = "djdesk://shell/splash.html"

_SCRIPT_LINK = """(() => {{
  for (const old of document.querySelectorAll('#made')) old.remove();
  const link = Object.assign(document.createElement('a'),
    {{href: {href!r}, target: {target!r}, id: 'made', textContent: 'a link to click'}});
  document.querySelector('main').prepend(link);
}})()"""

_ASKED_BY_QUERY = "notifications, asked by query"
_DENIED: dict[str, str] = {
    "notifications": "Notification.requestPermission()",
    _ASKED_BY_QUERY: ("navigator.permissions.query({name: 'notifications'}).then(p => p.state)"),
    "geolocation": (
        "new Promise(done => navigator.geolocation.getCurrentPosition("
        "() => done('granted'), e => done(e.code === 1 ? 'denied' : 'code ' + e.code)))"
    ),
    "microphone": (
        "navigator.mediaDevices.getUserMedia({audio: true}).then(() => 'granted', "
        "e => ['NotAllowedError', 'NotFoundError'].includes(e.name) ? 'denied' : e.name)"
    ),
    "clipboard": "navigator.clipboard.readText().then(() => 'granted', () => 'denied')",
    "MIDI": ("navigator.requestMIDIAccess({sysex: true}).then(() => 'granted', () => 'denied')"),
    "screen": (
        "navigator.mediaDevices.getDisplayMedia({video: true})"
        ".then(() => 'granted', () => 'denied')"
    ),
}

#: Chromium gives the clipboard to a document that has the focus only, as it does everywhere.
_GRANTED: dict[str, str] = {
    "full screen": "document.documentElement.requestFullscreen().then(() => 'granted')",
    "clipboard": "navigator.clipboard.writeText('copied').then(() => 'granted', e => e.message)",
    "pointer lock": (
        "new Promise(done => { document.onpointerlockchange = () => done('granted');"
        " document.onpointerlockerror = () => done('denied');"
        " document.documentElement.requestPointerLock(); })"
    ),
}


@dataclass(frozen=True, slots=True)
class Window:
    """The application on its first page."""

    desktop: Desktop
    application: Application
    page: Page

    @property
    def page_count(self) -> int:
        """How many pages there are, the shell's own included."""
        return len(self.application.devtools.pages())

    def click_link(self, href: str, target: str = "") -> None:
        """Put a link on the page and click it."""
        self.page.evaluate(_SCRIPT_LINK.format(href=href, target=target))
        self.page.click("#made")


@pytest.fixture
def window(desktop: Desktop) -> Window:
    application = desktop.start()
    return Window(desktop, application, application.page())


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    """A web site that must never be asked."""

    def answer(_: Request) -> Reply:
        return Reply(200, {"Content-Type": "text/html"}, b"<title>elsewhere</title>")

    with Server(answer) as server:
        yield server


@pytest.mark.parametrize("target", ["", "_blank"])
def test_a_link_to_elsewhere_opens_in_the_browser(
    window: Window, elsewhere: Server, target: str
) -> None:
    home, count = window.page.url, window.page_count
    address = f"{elsewhere.url}/?a=1&b=ü"
    window.click_link(address, target)
    expected = address.replace("ü", "%C3%BC")
    until(lambda: window.desktop.opened() == [expected], "the browser was given the address")
    assert window.page.url == home
    assert window.page_count == count
    assert not elsewhere.requests


def test_a_link_in_a_note_opens_in_the_browser(window: Window) -> None:
    write_note(window.page, "A link", "See https://example.org/page for more.")
    window.page.click(".text a")
    until(window.desktop.opened, "the browser was given the address")
    assert window.desktop.opened() == ["https://example.org/page"]


def test_mail_goes_to_the_mail_program(window: Window) -> None:
    home = window.page.url
    window.click_link("mailto:someone@example.org")
    until(window.desktop.opened, "the mail program was started")
    assert window.desktop.opened() == ["mailto:someone@example.org"]
    assert window.page.url == home


def test_a_new_window_of_the_application_stays_in_it(window: Window) -> None:
    count = window.page_count
    window.click_link(f"{origin_of(window.page)}/about/", "_blank")
    other = window.application.page("about/")
    assert other.evaluate("document.querySelector('h1').textContent") == "About this application"
    assert window.page_count == count + 1
    assert len(screen.window_places(window.desktop.display, window.application.process.pid)) == 2
    assert window.desktop.opened() == []
    assert other.evaluate("typeof require + typeof process") == "undefinedundefined"
    assert window.application.close() == 0


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "data:text/html,<title>elsewhere</title>",
        "javascript:document.title='changed'",
        "djdesk://shell/failure.html",
        "chrome://version/",
        "http://user:secret@127.0.0.1/",
        "smb://server/share",
        "blob:http://127.0.0.1:1/3d2b6a1e-0000-0000-0000-000000000000",
    ],
)
def test_other_addresses_lead_nowhere(window: Window, address: str) -> None:
    origin, count = origin_of(window.page), window.page_count
    for target in ("", "_blank"):
        if target or not address.startswith("javascript:"):
            window.click_link(address, target)
    window.click_link(f"{origin}/about/")
    window.page.wait("location.pathname === '/about/' && document.readyState === 'complete'")
    assert window.page.evaluate("history.length") <= 3, "nothing else was visited in between"
    scheme = address.partition(":")[0] + ":"
    visited = {url for url in window.application.devtools.visited if url.startswith(scheme)}
    assert visited <= {SPLASH} | {url for url in visited if url.startswith(origin)}
    assert window.page_count == count
    assert window.desktop.opened() == []


def test_scripts_do_not_lead_to_another_origin(window: Window, elsewhere: Server) -> None:
    home = window.page.url
    window.page.evaluate(f"location.href = {elsewhere.url + '/'!r}")
    until(window.desktop.opened, "the address went to the browser")
    assert window.page.url == home
    assert not elsewhere.requests


def test_other_origins_get_neither_a_frame_nor_the_token(window: Window, elsewhere: Server) -> None:
    page = window.page
    page.command("Page.setBypassCSP", enabled=True)
    page.open(f"{origin_of(page)}/about/")
    page.evaluate(f"document.body.append(Object.assign(new Image(), {{src: '{elsewhere.url}/i'}}))")
    until(lambda: elsewhere.requests, "the picture was asked for")
    (request,) = elsewhere.requests
    assert "x-djdesk-token" not in request.headers
    frame = "document.body.append(Object.assign(document.createElement('iframe'), {src: '%s'}))"
    page.evaluate(frame % f"{elsewhere.url}/frame")
    page.evaluate(frame % "about:blank")
    bridges = (
        "Array.from(frames, f => { try { return typeof f.djdesk } catch { return 'closed' } })"
    )
    assert set(page.evaluate(bridges)) <= {"undefined", "closed"}
    write_note(page, "After the frame")
    assert [request.target for request in elsewhere.requests] == ["/i"]
    assert window.desktop.opened() == []


@pytest.mark.parametrize("what", _GRANTED)
def test_what_browsers_grant_without_a_question_is_granted(window: Window, what: str) -> None:
    window.page.click("h1")
    late = "new Promise(done => setTimeout(done, 20000, 'never settled'))"
    answer = window.page.evaluate(f"Promise.race([{_GRANTED[what]}, {late}])", gesture=True)
    assert answer == "granted"


def test_the_screen_that_a_page_fills_is_not_remembered(window: Window) -> None:
    place = (70, 50, 840, 610)
    desktop, application = window.desktop, window.application
    screen.move_window(desktop.display, application.process.pid, place)
    window.page.wait("outerWidth === 840 && outerHeight === 610")
    assert window.page.evaluate(_GRANTED["full screen"], gesture=True) == "granted"
    window.page.wait("document.fullscreenElement !== null")
    assert application.close() == 0
    application = desktop.start()
    application.page().wait("outerWidth === 840 && outerHeight === 610")


@pytest.mark.parametrize("what", _DENIED)
def test_permissions_are_denied(window: Window, what: str, electron: Electron) -> None:
    if electron.stand_in and what == _ASKED_BY_QUERY:
        pytest.skip("Electron 9 answers this by itself, whatever its handlers say")
    assert window.page.evaluate(_DENIED[what], gesture=True) == "denied"


def test_the_bridge_is_all_that_a_page_gets(window: Window, artifacts: Path) -> None:
    page = window.page
    members = set(page.evaluate("Object.keys(djdesk)"))
    assert members == {"version", "platform", "notify", "openFile", "saveFile", "setBadge"}
    assert page.evaluate("djdesk.platform") == "linux"
    assert page.evaluate("typeof djdesk.version") == "string"
    assert page.evaluate("(djdesk.version = 'x', djdesk.notify = null, typeof djdesk.notify)") == (
        "function"
    )
    for name in ("require", "process", "module", "Buffer", "global", "ipcRenderer", "djdeskShell"):
        assert page.evaluate(f"typeof {name}") == "undefined", name
    with pytest.raises(DevToolsError):
        page.evaluate("djdesk.notify({title: {}, body: 1})")
    page.screenshot(artifacts / "bridge.png")


def test_window_state_is_remembered(window: Window) -> None:
    desktop, application = window.desktop, window.application
    place = (70, 50, 840, 610)
    screen.move_window(desktop.display, application.process.pid, place)
    window.page.wait("outerWidth === 840 && outerHeight === 610")
    assert application.close() == 0
    application = desktop.start()
    application.page()
    assert screen.window_places(desktop.display, application.process.pid) == [place]
