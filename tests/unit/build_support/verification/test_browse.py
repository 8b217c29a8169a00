from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from build_support.verification.browse import Browser, Form, find_upload_form

HOME = "http://127.0.0.1:8000/"
UPLOAD = '<form method=post enctype="multipart/form-data"><input type=file name=file></form>'

Site = Callable[[dict[str, str | httpx.Response]], Browser]


@pytest.fixture
def requests() -> list[httpx.Request]:
    return []


@pytest.fixture
def site(requests: list[httpx.Request]) -> Iterator[Site]:
    """A browser on a site of these paths; without a network."""
    clients: list[httpx.Client] = []

    def site(pages: dict[str, str | httpx.Response]) -> Browser:
        def answer(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            page = pages.get(request.url.raw_path.decode(), httpx.Response(404, html="<p>none</p>"))
            return page if isinstance(page, httpx.Response) else httpx.Response(200, html=page)

        clients.append(httpx.Client(transport=httpx.MockTransport(answer)))
        return Browser(clients[0], HOME)

    yield site
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ("<a href='/a'>a</a> <A HREF=b>b</A>", ["a", "b"]),
        ("<a href='/a'>1</a><a href='/a#x'>2</a><a href='#y'>3</a>", ["a", ""]),
        ("<a href='?page=2&amp;q=a%20b'>next</a>", ["?page=2&q=a%20b"]),
        ("<a href='  /a\n'>spaces</a>", ["a"]),
        ("<a>no</a><a href>empty</a>", [""]),
        ("<a href='https://example.org/'>x</a><a href='//example.org/'>x</a>", []),
        ("<a href='http://127.0.0.1:8001/'>x</a><a href='https://127.0.0.1:8000/'>x</a>", []),
        ("<a href='mailto:a@b.c'>x</a><a href='javascript:x()'>x</a><a href='tel:1'>x</a>", []),
        ("<a href='http://[::1'>x</a><a href='http://['>x</a><a href='/a'>a</a>", ["a"]),
        ("<!-- <a href='/no'>x</a> --><a href='/a'>a</a>", ["a"]),
        ("<script>'<a href=\"/no\">'</script><a href='/a'>a</a>", ["a"]),
        ("<p><a href='/a'>unclosed<div><a href='/b'></p>", ["a", "b"]),
        ("<a title='>' href='/a'>a</a>", ["a"]),
        ("<link href='/style.css'><area href='/area'>", []),
        ("<a href='/é'>a</a>", ["é"]),
        ("", []),
        ("<<<>>><a <a href=", []),
    ],
)
def test_links_are_absolute_and_stay_at_home(site: Site, html: str, links: list[str]) -> None:
    assert list(site({"/": html}).open(HOME).links) == [f"{HOME}{link}" for link in links]


TEXT = "Checked by DJDesk"


@pytest.mark.parametrize(
    ("html", "fields", "files"),
    [
        ("<input name=a><input name=b type=TEXT value=''>", {"a": TEXT, "b": TEXT}, []),
        ("<input name=a value='1 &lt; 2'>", {"a": "1 < 2"}, []),
        (
            "<input type=hidden name=csrf value=x><input type=hidden name=e>",
            {"csrf": "x", "e": ""},
            [],
        ),
        (
            "<input type=email name=a><input type=url name=b><input type=number name=c>",
            {"a": "djdesk@example.org", "b": "https://example.org/", "c": "1"},
            [],
        ),
        ("<textarea name=a>\nold</textarea>", {"a": TEXT}, []),
        ("<input type=file name=f multiple><input type=FILE name=g>", {}, ["f", "g"]),
        ("<input type=checkbox name=a><input type=submit name=b value=c><button name=d>", {}, []),
        (
            "<input type=checkbox name=a required><input type=checkbox name=b checked value=x>",
            {"a": "on", "b": "x"},
            [],
        ),
        (
            "<input type=radio name=a value=1 required><input type=radio name=a value=2 required>",
            {"a": "1"},
            [],
        ),
        (
            "<input type=radio name=a value=1><input type=radio name=a value=2 checked>",
            {"a": "2"},
            [],
        ),
        (
            "<input type=date name=a><input type=time name=b><input type=color name=c>",
            {"a": "2000-01-31", "b": "12:00", "c": "#336699"},
            [],
        ),
        (
            "<select name=a><option value=''>-<option value=1>x<option value=2>y</select>",
            {"a": "1"},
            [],
        ),
        ("<select name=a><option value=1>x<option value=2 selected>y</select>", {"a": "2"}, []),
        ("<select name=a><option value=1 disabled>x<option value=2>y</select>", {"a": "2"}, []),
        ("<select name=a disabled><option value=1>x</select><input name=b disabled>", {}, []),
        ("<input><input name=''><input type=file>", {}, []),
    ],
)
def test_a_form_is_filled_as_a_person_would(
    site: Site, html: str, fields: dict[str, str], files: list[str]
) -> None:
    (form,) = site({"/": f"<form>{html}</form><input name=outside>"}).open(HOME).forms
    assert form == Form(HOME, "get", multipart=False, fields=fields, files=files)


@pytest.mark.parametrize(
    ("attributes", "action", "method", "multipart"),
    [
        ("", "?q=1", "get", False),
        ("action='' method=POST", "?q=1", "post", False),
        ("action=save method=Post enctype=Multipart/Form-Data", "save", "post", True),
        ("action='http://['", "?q=1", "get", False),
        ("enctype=text/plain", "?q=1", "get", False),
    ],
)
def test_a_form_goes_where_it_says(
    site: Site, attributes: str, action: str, method: str, multipart: bool
) -> None:
    (form,) = site({"/?q=1": f"<form {attributes}></form>"}).open(f"{HOME}?q=1").forms
    assert form == Form(f"{HOME}{action}", method, multipart)


def test_two_forms_are_kept_apart(site: Site) -> None:
    html = "<form action=a><input name=x></form><form action=b><input name=y></form>"
    first, second = site({"/": html}).open(HOME).forms
    assert (list(first.fields), list(second.fields)) == (["x"], ["y"])


@pytest.mark.parametrize("kind", ["image/png", "application/json", "text/plain", ""])
def test_only_html_is_read(site: Site, kind: str) -> None:
    picture = httpx.Response(200, content=b"\x89<a href='/a'>", headers={"content-type": kind})
    page = site({"/": picture}).open(HOME)
    assert (page.links, page.forms) == ((), ())


def test_a_walk_goes_to_the_nearest_pages_first_and_to_each_once(
    site: Site, requests: list[httpx.Request]
) -> None:
    pages: dict[str, str | httpx.Response] = {
        "/": "<a href=/a><a href=/b>",
        "/a": "<a href=/><a href=/c>",
        "/b": "<a href=/gone>",
        "/c": "<a href=/a>",
    }
    found = [page.url.removeprefix(HOME) for page in site(pages).walk()]
    assert found == ["", "a", "b", "c", "gone"]
    assert len(requests) == len(found)


def test_a_walk_ends_where_there_are_always_more_pages(site: Site) -> None:
    pages: dict[str, str | httpx.Response] = {f"/{n}": f"<a href=/{n + 1}>" for n in range(99)}
    assert len(list(site({**pages, "/": "<a href=/0>"}).walk())) == 30


def test_a_redirect_is_followed_and_its_links_are_from_there(site: Site) -> None:
    there = httpx.Response(302, headers={"location": "/deep/page"})
    page = site({"/": there, "/deep/page": "<a href=next>"}).open(HOME)
    assert page.url == f"{HOME}deep/page"
    assert page.links == (f"{HOME}deep/next",)


def test_the_upload_form_is_found_behind_links(site: Site) -> None:
    pages: dict[str, str | httpx.Response] = {
        "/": "<form><input name=q></form><a href=/get><a href=/plain><a href=/new>",
        "/get": UPLOAD.replace("post", "get"),
        "/plain": UPLOAD.replace("multipart/form-data", ""),
        "/new": UPLOAD,
    }
    form = find_upload_form(site(pages))
    assert form == Form(f"{HOME}new", "post", multipart=True, files=["file"])


def test_there_may_be_no_upload_form(site: Site) -> None:
    assert find_upload_form(site({"/": "<a href=/a>"})) is None


def test_sending_uploads_the_file_with_the_fields(
    site: Site, requests: list[httpx.Request]
) -> None:
    browser = site({"/new": httpx.Response(303, headers={"location": "/1"}), "/1": "<a href=/x>"})
    form = Form(f"{HOME}new", "post", multipart=True, fields={"csrf": "token"}, files=["file"])
    page = browser.send(form, ("na me.bin", b"\x00content"))
    assert page.url == f"{HOME}1"
    sent = requests[0]
    assert (sent.method, sent.headers["referer"]) == ("POST", f"{HOME}new")
    assert sent.headers["content-type"].startswith("multipart/form-data")
    assert all(part in sent.content for part in (b"token", b"na me.bin", b"\x00content"))
