import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from djdesk_runtime.serving.access import Access
from djdesk_runtime.serving.gate import OPENED_PAGE, Gate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TOKEN = "a-Token_of_32_letters-0123456789"
COOKIE = "a-cookie-of-32-letters-012345678"
KEY = "a-link-key-of-32-letters-0123456"
ACCESS = Access(8000, "app_djdesk", TOKEN, COOKIE, KEY)
LINK = f"/.djdesk/open/{KEY}"


@dataclass
class Answered:
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


@dataclass
class Project:
    """An application that notes down what it is asked."""

    seen: list[WSGIEnvironment] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.seen.append(dict(environ))
        start_response("200 OK", [("X-Project", "here")])
        return [b"the project"]


def ask(application: WSGIApplication, target: str = "/", **variables: str) -> Answered:
    answered = Answered()

    def start_response(
        status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        answered.status, answered.headers = status, headers
        return lambda _: None

    environ = {"REQUEST_METHOD": "GET", "REQUEST_URI": target, "HTTP_HOST": "127.0.0.1:8000"}
    answered.body = b"".join(application(environ | variables, start_response))
    return answered


@pytest.fixture
def project() -> Project:
    return Project()


@pytest.fixture
def guarded(project: Project) -> WSGIApplication:
    return Gate(ACCESS).guard(project)


def test_a_sandboxed_frame_gets_its_pictures(guarded: WSGIApplication) -> None:
    site = {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_DEST": "image"}
    assert ask(guarded, HTTP_X_DJDESK_TOKEN=TOKEN, **site).status == "200 OK"
    assert ask(guarded, HTTP_COOKIE=f"app_djdesk={COOKIE}", **site).status == "403 Forbidden"


def test_a_stranger_gets_one_word(guarded: WSGIApplication, project: Project) -> None:
    answered = ask(guarded)
    assert answered.status == "403 Forbidden"
    assert answered.headers == [("Content-Type", "text/plain"), ("Content-Length", "9")]
    assert answered.body == b"Forbidden"
    assert project.seen == []


def test_all_refusals_are_the_same(guarded: WSGIApplication, project: Project) -> None:
    answers = [
        ask(guarded),
        ask(guarded, "http://127.0.0.1:8000/", HTTP_X_DJDESK_TOKEN=TOKEN),
        ask(guarded, HTTP_X_DJDESK_TOKEN=TOKEN, HTTP_HOST="evil.example"),
        ask(guarded, HTTP_X_DJDESK_TOKEN=TOKEN, HTTP_SEC_FETCH_SITE="same-site"),
        ask(guarded, HTTP_X_DJDESK_TOKEN=TOKEN, HTTP_ORIGIN="null", REQUEST_METHOD="POST"),
        ask(guarded, LINK + "x"),
    ]
    assert all(answer == answers[0] for answer in answers)
    assert project.seen == []


def test_the_token_does_not_reach_the_project(guarded: WSGIApplication, project: Project) -> None:
    answered = ask(guarded, HTTP_X_DJDESK_TOKEN=TOKEN, HTTP_COOKIE="a=b")
    assert (answered.status, answered.body) == ("200 OK", b"the project")
    [environ] = project.seen
    assert environ["HTTP_COOKIE"] == "a=b"
    assert TOKEN not in str(environ)


@pytest.mark.parametrize(
    ("header", "left"),
    [
        (f"app_djdesk={COOKIE}", None),
        (f"a=b; app_djdesk={COOKIE}; c=d=e", "a=b; c=d=e"),
        (f"app_djdesk={COOKIE};app_djdesk=other; x=y", "x=y"),
    ],
)
def test_the_cookie_does_not_reach_the_project(
    guarded: WSGIApplication, project: Project, header: str, left: str | None
) -> None:
    assert ask(guarded, HTTP_COOKIE=header).status == "200 OK"
    [environ] = project.seen
    assert environ.get("HTTP_COOKIE") == left
    assert COOKIE not in str(environ)


def test_the_link_sets_the_cookie_once(project: Project) -> None:
    opened: list[bool] = []
    guarded = Gate(ACCESS, lambda: opened.append(True)).guard(project)
    first = ask(guarded, LINK)
    assert first.status == "200 OK"
    assert first.body == OPENED_PAGE
    headers = dict(first.headers)
    assert headers["Set-Cookie"] == (f"app_djdesk={COOKIE}; HttpOnly; SameSite=Strict; Path=/")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == str(len(first.body))
    assert ask(guarded, LINK).status == "403 Forbidden"
    assert opened == [True]
    assert ask(guarded, HTTP_COOKIE=f"app_djdesk={COOKIE}").status == "200 OK"
    assert len(project.seen) == 1


def test_the_page_of_the_link_goes_to_the_first_one_and_tells_nothing() -> None:
    assert b'content="0; url=/"' in OPENED_PAGE
    assert b"<script" not in OPENED_PAGE


def test_of_many_at_once_one_may_use_the_link(project: Project) -> None:
    guarded = Gate(ACCESS).guard(project)
    count = 16
    answers: list[str] = []
    together = threading.Barrier(count)

    def use() -> None:
        together.wait()
        answers.append(ask(guarded, LINK).status)

    threads = [threading.Thread(target=use) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["200 OK"] + ["403 Forbidden"] * (count - 1)


def test_each_reason_is_logged_once_and_without_what_was_said(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate(ACCESS)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert gate.refuses("GET", f"/?{TOKEN[:-1]}", {"HOST": "127.0.0.1:8000"}.get)
            assert gate.refuses("GET", "/", {"HOST": "evil.example"}.get)
    assert len(caplog.records) == 2
    assert TOKEN[:-1] not in caplog.text
    assert "evil" not in caplog.text


def test_who_is_let_in_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    headers = {"HOST": "127.0.0.1:8000", "X_DJDESK_TOKEN": TOKEN}
    with caplog.at_level(logging.DEBUG):
        assert not Gate(ACCESS).refuses("GET", "/", headers.get)
    assert caplog.records == []
