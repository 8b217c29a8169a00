"""A server that crashes: nothing reaches another program that wants its port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from build_support.desktop.electron import Electron
from tests import unix
from tests.e2e import processes
from tests.e2e.actions import origin_of
from tests.e2e.crashes import kill_server
from tests.e2e.desktop import Application, Desktop
from tests.e2e.desktop import desktop as new_desktop
from tests.e2e.devtools import Page
from tests.e2e.hand import HAND, box, boxes
from tests.e2e.hostile import PortThief, port_thief
from tests.e2e.notes import titles
from tests.e2e.waiting import until

_UNHELD = Path(__file__).with_name("unheld.cjs")

#: All that a page can send without its user, again and again.
_SEND_EVERYTHING = """(() => {
  document.cookie = 'session=secret; path=/';
  localStorage.setItem('draft', 'secret');
  const old = location.origin;
  const send = () => {
    for (const path of ['/about/?fetch', '/?none']) fetch(old + path).catch(() => {});
    new Image().src = old + '/?image';
    navigator.sendBeacon(old + '/?beacon', 'x');
    try { new WebSocket(old.replace('http', 'ws') + '/socket'); } catch {}
    const prefetch = Object.assign(document.createElement('link'), {rel: 'prefetch'});
    prefetch.href = old + '/?prefetch' + Math.random();
    document.head.append(prefetch);
    try { new Worker(old + '/?worker' + Math.random()); } catch {}
  };
  send();
  setInterval(send, 20);
})()"""


def _account(
    folder: Path, bundle: Path, display: str, electron: Electron, *scripts: Path
) -> AbstractContextManager[Desktop]:
    required = [word for script in (HAND, *scripts) for word in ("-r", str(script))]
    handed = replace(electron, arguments=(*electron.arguments, *required))
    return new_desktop(folder, bundle, display, handed.command())


@pytest.fixture
def holding(tmp_path: Path, bundle: Path, display: str, electron: Electron) -> Iterator[Desktop]:
    """A system on which the shell holds the server's port."""
    with _account(tmp_path, bundle, display, electron) as account:
        yield account


@pytest.fixture
def desktop(tmp_path: Path, bundle: Path, display: str, electron: Electron) -> Iterator[Desktop]:
    """A system on which it cannot."""
    with _account(tmp_path, bundle, display, electron, _UNHELD) as account:
        yield account


@pytest.fixture
def application(desktop: Desktop) -> Application:
    return desktop.start()


@pytest.fixture
def page(application: Application) -> Page:
    return _open_form(application)


@pytest.fixture
def thief(page: Page) -> Iterator[PortThief]:
    with port_thief(_port_of(page)) as waiting:
        yield waiting


def _open_form(application: Application) -> Page:
    """Open a form in which no content policy stops what a page may want to send."""
    page = application.page()
    page.command("Page.setBypassCSP", enabled=True)
    page.open(f"{origin_of(page)}/notes/new/")
    return page


def _port_of(page: Page) -> int:
    port = urlsplit(page.url).port
    assert port is not None
    return port


def _lose_port(application: Application, thief: PortThief) -> None:
    """Kill the server; another program has its port before the next server comes."""
    processes.kill(application.server())
    thief.wait_until_taken()


def _wait_until_moved(page: Page, old: str) -> None:
    page.wait(
        f"location.protocol === 'http:' && location.origin !== '{old}'"
        " && document.readyState === 'complete'"
    )


def test_the_port_of_a_crashed_server_is_not_free(holding: Desktop) -> None:
    """Requests wait for the next server, those under way are sent to it, and the page goes on."""
    application = holding.start()
    page = _open_form(application)
    origin = origin_of(page)
    page.type("#id_title", "Typed before the crash")
    with port_thief(_port_of(page)) as thief:
        page.evaluate(_SEND_EVERYTHING)
        for _ in range(2):
            _ask_in_vain(application, page)
            kill_server(application)
        answer = "fetch('/about/').then(answer => answer.status)"
        until(lambda: page.evaluate(f"{answer}.catch(() => 0)") == 200, "the server answers")
        assert not thief.has_taken
        assert thief.received == b""
    assert origin_of(page) == origin
    assert page.evaluate("document.querySelector('#id_title').value") == "Typed before the crash"
    assert boxes(holding.home) == []


def test_nothing_reaches_the_old_port(
    desktop: Desktop, application: Application, page: Page, thief: PortThief
) -> None:
    old = origin_of(page)
    _lose_port(application, thief)
    page.evaluate(_SEND_EVERYTHING)
    _wait_until_moved(page, old)
    page.evaluate(_SEND_EVERYTHING.replace("location.origin", f"'{old}'"))
    page.evaluate(f"location.href = '{old}/about/?link'")
    page.wait("location.pathname === '/about/' && document.readyState === 'complete'")
    assert origin_of(page) != old
    for host in ("127.0.0.1", "localhost", "[::1]"):
        address = old.replace("127.0.0.1", host)
        page.evaluate(f"void window.open('{address}/about/')", gesture=True)
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('a'), "
        f"{{href: '{old}/about/', download: 'x', id: 'save', textContent: 'save'}}))"
    )
    page.evaluate("window.untouched = true; document.querySelector('#save').click()", gesture=True)
    page.wait("!window.untouched && document.readyState === 'complete'")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('iframe'), "
        f"{{src: '{old}/about/'}}))"
    )
    page.evaluate(_SEND_EVERYTHING.replace("location.origin", f"'{old}'"))
    assert page.evaluate("fetch('/about/').then(answer => answer.status)") == 200
    assert thief.received == b""
    assert desktop.opened() == []


def test_a_request_under_way_is_not_sent_again_to_the_old_port(
    application: Application, page: Page, thief: PortThief
) -> None:
    old = origin_of(page)
    _ask_in_vain(application, page)
    processes.kill(application.server())
    thief.wait_until_taken()
    _wait_until_moved(page, old)
    assert thief.received == b""


def _ask_in_vain(application: Application, page: Page) -> None:
    """Send requests, over connections that were used before, to a server that does not answer."""
    page.evaluate("fetch('/about/').then(answer => answer.text()).then(() => true)")
    processes.kill(application.server(), unix.SIGSTOP)
    page.evaluate(
        "for (let i = 0; i < 4; i += 1) fetch('/about/?' + i).catch(() => {});"
        "new Promise(done => setTimeout(done, 300))"
    )


def test_what_was_typed_is_there_after_the_move(
    desktop: Desktop, application: Application, page: Page, thief: PortThief
) -> None:
    old = origin_of(page)
    page.click("#id_title")
    page.type("#id_title", "Typed before the crash")
    page.type("#id_text", "and not\nlost")
    _lose_port(application, thief)
    _wait_until_moved(page, old)
    told = box(desktop.home, 1)
    assert told.message == "The application was started again."
    told.press("Close")
    assert page.evaluate("document.querySelector('#id_text').value") == "and not\nlost"
    page.click(".note-form button[type=submit]")
    page.wait_for_text("h1", "Typed before the crash")
    assert thief.received == b""
    assert titles(desktop.data) == ["Typed before the crash"]
    assert len(boxes(desktop.home)) == 1
    assert application.close() == 0
