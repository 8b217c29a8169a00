"""The application in an ordinary browser, and what other pages in that browser can do to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.e2e import secrets_search
from tests.e2e.answers import UNREADABLE, Answers
from tests.e2e.browser import Served, chromium, serve
from tests.e2e.notes import stored_notes, titles
from tests.e2e.waiting import until
from tests.servers import Reply, Request, Server

_FILE = bytes(range(256)) * 300
_FORBIDDEN = 403

#: What a hostile page tries; each returns all that it could read of the application. `home` is
#: the application's root.
_ATTACKS: Mapping[str, str] = {
    "fetch with cookies": "text(fetch(home, {credentials: 'include'}))",
    "fetch without CORS": "text(fetch(home, {mode: 'no-cors', credentials: 'include'}))",
    "fetch of a static file": "text(fetch(home + 'static/staticfiles.json'))",
    "fetch of an attachment": "text(fetch(home + 'attachments/1/', {credentials: 'include'}))",
    "fetch with a guessed token": (
        "text(fetch(home, {headers: {'X-DJDesk-Token': 'x'.repeat(43)}}))"
    ),
    "post of a form by fetch": (
        "text(fetch(home + 'notes/new/', {method: 'POST', mode: 'no-cors', credentials: 'include',"
        " body: new URLSearchParams({title: 'evil', text: 'evil'})}))"
    ),
    "post of JSON by fetch": (
        "text(fetch(home + 'notes/new/', {method: 'POST', credentials: 'include',"
        " headers: {'Content-Type': 'application/json'}, body: '{}'}))"
    ),
    "delete by fetch": (
        "text(fetch(home + 'notes/1/delete/', {method: 'POST', mode: 'no-cors',"
        " credentials: 'include'}))"
    ),
    "a method by fetch": "text(fetch(home + 'notes/1/', {method: 'DELETE'}))",
    "a beacon": (
        "(navigator.sendBeacon(home + 'notes/new/', new URLSearchParams({title: 'evil'})),"
        " answered())"
    ),
    "an XMLHttpRequest": (
        "new Promise(done => { const r = new XMLHttpRequest(); r.withCredentials = true;"
        " r.onloadend = () => done(r.responseText); r.open('GET', home); r.send(); })"
    ),
    "an image": "element('img', {src: home + 'attachments/1/'})",
    "a script": "element('script', {src: home})",
    "a style sheet": "element('link', {rel: 'stylesheet', href: home})",
    "a frame": "frame(element('iframe', {src: home}))",
    "an object": "element('object', {data: home, type: 'text/html'})",
    "an embedded page": "element('embed', {src: home, type: 'text/html'})",
    "a video": "element('video', {src: home + 'attachments/1/'})",
    "an event stream": (
        "new Promise(done => { const s = new EventSource(home, {withCredentials: true});"
        " s.onmessage = e => done(e.data); s.onerror = () => { s.close(); done(''); }; })"
    ),
    "a WebSocket": (
        "new Promise(done => { const s = new WebSocket(home.replace('http', 'ws'));"
        " s.onopen = () => done('open'); s.onmessage = e => done(e.data);"
        " s.onerror = () => done(''); })"
    ),
    "a form into a frame": "form('into', 'application/x-www-form-urlencoded', 'notes/new/')",
    "a form with a file into a frame": "form('into', 'multipart/form-data', 'notes/new/')",
    "a plain text form into a frame": "form('into', 'text/plain', 'notes/new/')",
    "a form that deletes": "form('into', 'application/x-www-form-urlencoded', 'notes/1/delete/')",
    "a form into a new window": "form('_blank', 'multipart/form-data', 'notes/new/')",
    "a module": "import(home).then(m => Object.keys(m).join(), () => '')",
    "a worker": (
        "new Promise(done => { try { const w = new Worker(home); w.onerror = () => done('');"
        " w.onmessage = e => done(e.data); } catch { done(''); } })"
    ),
    # Last, because that window loads more when it has answered.
    "a new window that is read": "opened(window.open(home))",
}
#: Refused by the browser itself.
_NEVER_SENT = {"a worker"}
#: A navigation of a window is what a link does; it may show the page to the user.
_MAY_BE_SHOWN = {"a new window that is read"}

_TOOLS = """
const text = answer => answer.then(r => r.text(), () => '');
const answered = () => new Promise(done => setTimeout(done, 300, ''));
const element = (name, attributes) => new Promise(done => {
  const e = Object.assign(document.createElement(name), attributes);
  e.onload = e.onerror = () => done(read(e));
  document.body.append(e);
});
const read = e => { try { return (e.contentDocument || {body: {}}).body.innerText || ''; }
                    catch { return ''; } };
const frame = loaded => loaded;
const form = async (target, enctype, path) => {
  const f = Object.assign(document.createElement('form'),
    {method: 'POST', action: home + path, enctype, target});
  for (const name of ['title', 'text', 'csrfmiddlewaretoken'])
    f.append(Object.assign(document.createElement('input'), {name, value: 'evil'}));
  const into = document.createElement('iframe');
  into.name = 'into';
  document.body.append(f, into);
  f.submit();
  await answered();
  return read(into);
};
const opened = async other => {
  await answered();
  try { return other.document.body.innerText; } catch { return ''; }
};
"""


@dataclass(frozen=True, slots=True)
class Attacked:
    """A browser in which the user is let in, and what the server answers to a hostile page."""

    served: Served
    context: BrowserContext
    page: Page
    answers: Answers


def _let_in(page: Page, served: Served) -> None:
    page.goto(served.link)
    page.wait_for_url(served.url)


def _write_note(page: Page, served: Served, folder: Path, title: str) -> None:
    file = folder / "Größe 🦄.bin"
    file.write_bytes(_FILE)
    page.goto(f"{served.url}notes/new/")
    page.fill("#id_title", title)
    page.fill("#id_text", "Line one\nline two, größer")
    page.set_input_files("#id_uploads", file)
    page.click("button[type=submit].button-primary")
    page.wait_for_url(re.compile(r"/notes/\d+/$"))


def test_a_browser_is_let_in_once_and_writes(
    bundle: Path, playwright: Playwright, tmp_path: Path
) -> None:
    with (
        serve(bundle, tmp_path / "served") as served,
        chromium(playwright, tmp_path / "profile") as context,
    ):
        page = context.pages[0]
        stranger = page.goto(served.url)
        assert stranger is not None
        assert (stranger.status, stranger.text()) == (_FORBIDDEN, "Forbidden")
        _let_in(page, served)
        (cookie,) = [item for item in context.cookies() if item["name"].endswith("_djdesk")]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"
        assert (cookie["domain"], cookie["path"]) == ("127.0.0.1", "/")
        assert "_djdesk" not in page.evaluate("document.cookie")

        _write_note(page, served, tmp_path, "From Chromium")
        assert titles(served.data) == ["From Chromium"]
        with page.expect_download() as download:
            page.click(".attachments a")
        assert download.value.path().read_bytes() == _FILE

        with chromium(playwright, tmp_path / "other") as other:
            again = other.pages[0].goto(served.link)
            assert again is not None
            assert (again.status, again.text()) == (_FORBIDDEN, "Forbidden")
            assert not other.cookies()
        _assert_nothing_told(served, str(cookie.get("value")))


def _assert_nothing_told(served: Served, cookie: str) -> None:
    key_file = served.data / "secret_key"
    secrets = {
        "the cookie": cookie,
        "the key of the link": served.link.rpartition("/")[2],
        "the secret key": key_file.read_text(encoding="utf-8").strip(),
    }
    assert all(len(secret) >= 32 for secret in secrets.values())
    assert secrets_search.in_files(secrets, [key_file]) == [f"the secret key in {key_file}"]
    assert not secrets_search.in_files(secrets, secrets_search.process_lists())
    assert (served.data / "logs" / "app.log").is_file()
    assert not secrets_search.in_files(
        secrets, secrets_search.files_below(served.data, but=[key_file])
    )


@pytest.fixture
def attacked(bundle: Path, playwright: Playwright, tmp_path: Path) -> Iterator[Attacked]:
    words = ["--host-resolver-rules=MAP evil.test 127.0.0.1"]
    with (
        serve(bundle, tmp_path / "served") as served,
        chromium(playwright, tmp_path / "profile", words) as context,
    ):
        _let_in(context.pages[0], served)
        _write_note(context.pages[0], served, tmp_path, "Private")
        page = context.new_page()
        yield Attacked(served, context, page, Answers(context, page, served.url))


def _blank(_: Request) -> Reply:
    return Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>hostile</title>")


def _answered(attacked: Attacked) -> bool:
    attacked.page.evaluate("1")  # events come with the answers to commands
    return bool(attacked.answers.codes)


def _attack(page: Page, home: str, code: str) -> str:
    result: Any = page.evaluate(f"async home => {{ {_TOOLS} return await ({code}); }}", home)
    return str(result or "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_of_another_origin_changes_and_reads_nothing(attacked: Attacked, host: str) -> None:
    served, before = attacked.served, stored_notes(attacked.served.data)
    page = attacked.page
    with Server(_blank) as hostile:
        for name, code in _ATTACKS.items():
            page.goto(f"http://{host}:{hostile.port}/")
            del attacked.answers.codes[:]
            assert _attack(page, served.url, code) in {"", "Forbidden"}, name
            if name not in _NEVER_SENT:
                until(partial(_answered, attacked), f"{name}: the server answered")
            if name not in _MAY_BE_SHOWN:
                assert set(attacked.answers.codes) <= {_FORBIDDEN, UNREADABLE}, name
            assert stored_notes(served.data) == before, name
    response = attacked.context.pages[0].goto(served.url)
    assert response is not None
    assert response.status == 200, "the user is still in"


def test_the_attacks_work_where_they_are_allowed(attacked: Attacked) -> None:
    """The same code on the application's own origin reads, so that its silence means something."""
    page = attacked.page
    page.goto(f"{attacked.served.url}about/")
    for name in ("an XMLHttpRequest", "fetch with cookies"):
        page.route("**/about/", _without_policy)
        page.goto(f"{attacked.served.url}about/")
        assert "Private" in _attack(page, attacked.served.url, _ATTACKS[name]), name


def _without_policy(route: Any) -> None:  # noqa: ANN401 - Playwright's
    answer = route.fetch()
    headers = {k: v for k, v in answer.headers.items() if k != "content-security-policy"}
    route.fulfill(response=answer, headers=headers)


@pytest.mark.parametrize("name", ["evil.test", "localhost", "[::1]"])
def test_another_name_of_this_computer_is_refused(attacked: Attacked, name: str) -> None:
    served, before = attacked.served, stored_notes(attacked.served.data)
    address = served.url.replace("127.0.0.1", name)
    page = attacked.page
    if name == "[::1]":
        with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
            page.goto(address)
        return
    response = page.goto(address)
    assert response is not None
    assert (response.status, response.text()) == (_FORBIDDEN, "Forbidden")
    for request in (
        "fetch('/')",
        "fetch('/static/staticfiles.json')",
        "fetch('/notes/new/', {method: 'POST', body: new URLSearchParams({title: 'evil'})})",
        "fetch('/', {headers: {'X-DJDesk-Token': 'x'.repeat(43)}})",
    ):
        answer = page.evaluate(f"{request}.then(async r => [r.status, await r.text()])")
        assert answer == [_FORBIDDEN, "Forbidden"], request
    assert stored_notes(served.data) == before
