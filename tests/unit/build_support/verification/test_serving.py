"""What is a bundle's fault and what is a project's rule, on sites of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from build_support.verification import serving
from build_support.verification.isolation import Isolation
from build_support.verification.serving import check_first_page, check_stored, try_upload
from build_support.verification.used import Bundle, CheckError, Site

HOME = "http://127.0.0.1:8000/"
Answer = Callable[[httpx.Request], httpx.Response]
MakeSite = Callable[[Answer], Site]

_LOG = """2026-11-29T15:00:00.000Z ERROR django.request 7 Internal Server Error: /
Traceback (most recent call last):
  File "{app}/src/notes/views.py", line 12, in home
    1 / 0
ZeroDivisionError: division by zero
"""


@pytest.fixture
def used(tmp_path: Path) -> Bundle:
    data = tmp_path / "data"
    (data / "logs").mkdir(parents=True)
    isolation = Isolation(network=False, user=None, environment={})
    manifest: Any = None  # not looked at
    return Bundle(tmp_path / "bundle", data, manifest, isolation)


@pytest.fixture
def site() -> Iterator[MakeSite]:
    clients: list[httpx.Client] = []

    def site(answer: Answer) -> Site:
        clients.append(httpx.Client(transport=httpx.MockTransport(answer)))
        return Site(HOME, clients[-1], lambda: 0)

    yield site
    for client in clients:
        client.close()


def _redirect(to: str) -> httpx.Response:
    return httpx.Response(302, headers={"location": to})


@pytest.mark.parametrize(
    ("pages", "warns"),
    [
        ({"/": httpx.Response(200, text="hello")}, False),
        ({"/": _redirect("/en/"), "/en/": httpx.Response(200, text="hello")}, False),
        ({"/": _redirect("enter/?next=/"), "/enter/": httpx.Response(200, text="x")}, False),
        ({"/": httpx.Response(204)}, False),
        ({}, True),
        ({"/": httpx.Response(401)}, True),
        ({"/": httpx.Response(403)}, True),
        ({"/": httpx.Response(200)}, True),
        ({"/": _redirect("/")}, True),
        ({"/": _redirect("/a"), "/a": _redirect("/")}, True),
        ({"/": _redirect("https://login.example.org/")}, True),
        ({"/": _redirect("http://127.0.0.1:8001/")}, True),
        ({"/": httpx.Response(200, text='<script src="https://cdn.example.org/x.js">')}, True),
        ({"/": httpx.Response(200, text="<link href=//cdn.example.org/x.css>")}, True),
        ({"/": httpx.Response(200, text='<a href="https://example.org/">x</a>')}, False),
        ({"/": httpx.Response(200, text=f'<script src="{HOME}x.js">')}, False),
    ],
)
def test_a_first_page_of_any_kind_passes(
    used: Bundle, site: MakeSite, pages: dict[str, httpx.Response], warns: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return pages.get(request.url.path, httpx.Response(404, text="none"))

    assert bool(check_first_page(used, site(answer)).warning) == warns


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_fails_and_says_why(used: Bundle, site: MakeSite, status: int) -> None:
    used.log_file.write_text(_LOG.format(app=used.path / "app"), encoding="utf-8")
    pages = {"/": _redirect("/home"), "/home": httpx.Response(status)}
    with pytest.raises(CheckError) as caught:
        check_first_page(used, site(lambda request: pages[request.url.path]))
    assert "ZeroDivisionError: division by zero" in str(caught.value)
    assert "app/src/notes/views.py, line 12" in str(caught.value)


def test_a_first_page_that_takes_for_ever_is_a_warning(used: Bundle, site: MakeSite) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    assert check_first_page(used, site(answer)).warning


_SERVED = {"storage": "served", "address": "/media/x.txt", "own_view": False}


@pytest.mark.parametrize(
    ("left", "response"),
    [
        (_SERVED, httpx.Response(200, content=b"content")),
        ({**_SERVED, "own_view": True}, httpx.Response(403)),
        ({**_SERVED, "own_view": True}, _redirect("/enter/")),
        ({**_SERVED, "own_view": True}, httpx.Response(404)),
        ({"storage": "kept"}, httpx.Response(500)),
        ({"storage": "elsewhere"}, httpx.Response(500)),
    ],
)
def test_stored_files_come_back_unless_the_project_decides(
    used: Bundle, site: MakeSite, left: dict[str, object], response: httpx.Response
) -> None:
    assert check_stored(used, site(lambda _: response), left, b"content").detail


@pytest.mark.parametrize("response", [httpx.Response(404), httpx.Response(200, content=b"cont")])
def test_a_stored_file_that_does_not_come_back_fails(
    used: Bundle, site: MakeSite, response: httpx.Response
) -> None:
    with pytest.raises(CheckError):
        check_stored(used, site(lambda _: response), _SERVED, b"content")


_FORM = '<form method=post action=/send enctype="multipart/form-data"><input type=file name=f>'


@pytest.mark.parametrize(
    ("status", "html", "warns"),
    [
        (200, "This is not a picture.", False),
        (400, "Bad file", False),
        (403, "Log in first", False),
        (302, "", False),
        (500, "", True),
    ],
)
def test_a_form_may_refuse_a_file(
    used: Bundle, site: MakeSite, status: int, html: str, warns: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(status, html=html, headers={"location": "/"})
        return httpx.Response(200, html=_FORM)

    seen = try_upload(used, site(answer))
    assert bool(seen.warning) == warns
    assert seen.warning or "/send" in seen.detail


def test_every_form_is_tried_until_one_gives_the_file_back(used: Bundle, site: MakeSite) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/kept":
            return httpx.Response(200, content=serving._UPLOAD[1])
        if request.method == "POST":
            return httpx.Response(200, html="<a href=/kept>x</a>" if path == "/two" else "no")
        return httpx.Response(200, html=f"{_FORM}</form>{_FORM.replace('/send', '/two')}</form>")

    assert "/two" in try_upload(used, site(answer)).detail


def test_a_server_that_goes_away_is_a_warning_here(used: Bundle, site: MakeSite) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone", request=request)

    assert try_upload(used, site(answer)).warning
