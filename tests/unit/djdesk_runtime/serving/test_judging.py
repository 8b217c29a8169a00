"""Every row: what a request says of itself, and what becomes of it."""

import pytest

from djdesk_runtime.serving.access import Access
from djdesk_runtime.serving.judging import Asked, Verdict, cookies, judge, read_request

TOKEN = "a-Token_of_32_letters-0123456789"
COOKIE = "a-cookie-of-32-letters-012345678"
KEY = "a-link-key-of-32-letters-0123456"
ACCESS = Access(8000, "app_djdesk", TOKEN, COOKIE, KEY)
ORIGIN = "http://127.0.0.1:8000"
LINK = f"/.djdesk/open/{KEY}"
OURS = f"app_djdesk={COOKIE}"

NAVIGATION = {"fetch_mode": "navigate", "fetch_dest": "document"}


def asked(method: str = "GET", target: str = "/", **said: str | None) -> Asked:
    facts: dict[str, str | None] = {"host": "127.0.0.1:8000", "token": TOKEN}
    facts |= said
    text = facts.pop("cookies", "") or ""
    return Asked(method, target, cookies=text, **facts)


SERVED = {
    "the token": asked(),
    "to a static file": asked(target="/static/site.css"),
    "to a query": asked(target="/?q=http://evil.example/"),
    "to two slashes": asked(target="//evil.example/"),
    "to an empty segment of dots": asked(target="/../../etc/passwd"),
    "HEAD": asked("HEAD"),
    "POST without Origin": asked("POST"),
    "POST from our page": asked("POST", origin=ORIGIN, fetch_site="same-origin"),
    "POST without referrer": asked("POST", origin="null", fetch_site="same-origin"),
    "GET from our page": asked(origin=ORIGIN, fetch_site="same-origin"),
    "GET without referrer": asked(origin="null", fetch_site="same-origin"),
    "the cookie": asked(token=None, cookies=OURS),
    "the cookie among others": asked(token=None, cookies=f"a=b; {OURS}; c=d"),
    "the cookie without spaces": asked(token=None, cookies=f"a=b;{OURS};c=d"),
    "the cookie and one of its name": asked(token=None, cookies=f"app_djdesk=x; {OURS}"),
    "the cookie and a wrong token": asked(token="x" * 32, cookies=OURS),
    "the token and a wrong cookie": asked(cookies="app_djdesk=x"),
    "POST with the cookie": asked("POST", token=None, cookies=OURS, origin=ORIGIN),
    "typed into the address bar": asked(fetch_site="none", **NAVIGATION),
    "a subresource": asked(fetch_site="same-origin", fetch_mode="no-cors", fetch_dest="image"),
    "a frame of our page": asked(fetch_site="same-origin", fetch_mode="navigate",
                                 fetch_dest="iframe"),
    "a link on another site": asked(fetch_site="cross-site", **NAVIGATION),
    "a link on another port": asked(fetch_site="same-site", **NAVIGATION),
    "the link by somebody known": asked(target=LINK),
    # Sandboxed frames have no origin: to a browser they are another site.
    "a picture in a sandboxed frame": asked(fetch_site="cross-site", fetch_mode="no-cors",
                                            fetch_dest="image"),
    "a style sheet in a sandboxed frame": asked(fetch_site="cross-site", fetch_mode="no-cors",
                                                fetch_dest="style"),
    "a font in a sandboxed frame": asked(origin="null", fetch_site="cross-site", fetch_mode="cors",
                                         fetch_dest="font"),
    "a frame in a sandboxed frame": asked(fetch_site="cross-site", fetch_mode="navigate",
                                          fetch_dest="iframe"),
    "HEAD in a sandboxed frame": asked("HEAD", origin="null", fetch_site="cross-site"),
    "a sandboxed frame of an old browser": asked(origin="null"),
}  # fmt: skip

REFUSED = {
    "nothing": (asked(token=None), Verdict.ACCESS),
    "a wrong token": (asked(token="b" + TOKEN[1:]), Verdict.ACCESS),
    "an empty token": (asked(token=""), Verdict.ACCESS),
    "the token in capitals": (asked(token=TOKEN.upper()), Verdict.ACCESS),
    "a part of the token": (asked(token=TOKEN[:-1]), Verdict.ACCESS),
    "more than the token": (asked(token=TOKEN + "x"), Verdict.ACCESS),
    "the token twice": (asked(token=f"{TOKEN}, {TOKEN}"), Verdict.ACCESS),
    "the token with a blank": (asked(token=f" {TOKEN}"), Verdict.ACCESS),
    "the token in letters beyond ASCII": (asked(token=TOKEN + "é"), Verdict.ACCESS),
    "the token in the query": (asked(token=None, target=f"/?token={TOKEN}"), Verdict.ACCESS),
    "the token in the path": (asked(token=None, target=f"/{TOKEN}"), Verdict.ACCESS),
    "the token as the cookie": (asked(token=None, cookies=f"app_djdesk={TOKEN}"), Verdict.ACCESS),
    "the cookie as the token": (asked(token=COOKIE), Verdict.ACCESS),
    "the key as the token": (asked(token=KEY), Verdict.ACCESS),
    "the cookie under another name": (asked(token=None, cookies=f"x={COOKIE}"), Verdict.ACCESS),
    "the cookie of another application": (
        asked(token=None, cookies=f"other_djdesk={COOKIE}"), Verdict.ACCESS,
    ),
    "the cookie's name in capitals": (asked(token=None, cookies=OURS.upper()), Verdict.ACCESS),
    "a part of the cookie": (asked(token=None, cookies=OURS[:-1]), Verdict.ACCESS),
    "the cookie in quotes": (asked(token=None, cookies=f'app_djdesk="{COOKIE}"'), Verdict.ACCESS),
    "the cookie in a value": (asked(token=None, cookies=f"x={OURS}"), Verdict.ACCESS),
    "an empty cookie": (asked(token=None, cookies="app_djdesk="), Verdict.ACCESS),
    "no value": (asked(token=None, cookies="app_djdesk"), Verdict.ACCESS),
    "a link of another key": (asked(token=None, target=LINK + "x"), Verdict.ACCESS),
    "a part of the link": (asked(token=None, target=LINK[:-1]), Verdict.ACCESS),
    "the link without a key": (asked(token=None, target="/.djdesk/open/"), Verdict.ACCESS),
    "the link and a query": (asked(token=None, target=LINK + "?x"), Verdict.ACCESS),
    "the link by HEAD": (asked("HEAD", target=LINK, token=None), Verdict.ACCESS),
    "the link by POST": (asked("POST", target=LINK, token=None), Verdict.ACCESS),
    "the link with two slashes": (asked(token=None, target="/" + LINK), Verdict.ACCESS),
    "the link, encoded": (asked(token=None, target=LINK.replace("open", "%6fpen")),
                          Verdict.ACCESS),
    "rebinding": (asked(host="evil.example:8000"), Verdict.HOST),
    "localhost": (asked(host="localhost:8000"), Verdict.HOST),
    "IPv6": (asked(host="[::1]:8000"), Verdict.HOST),
    "IPv4 in IPv6": (asked(host="[::ffff:127.0.0.1]:8000"), Verdict.HOST),
    "another loopback address": (asked(host="127.0.0.2:8000"), Verdict.HOST),
    "a short address": (asked(host="127.1:8000"), Verdict.HOST),
    "an address as a number": (asked(host="2130706433:8000"), Verdict.HOST),
    "any address": (asked(host="0.0.0.0:8000"), Verdict.HOST),
    "a final dot": (asked(host="127.0.0.1.:8000"), Verdict.HOST),
    "no port": (asked(host="127.0.0.1"), Verdict.HOST),
    "an empty port": (asked(host="127.0.0.1:"), Verdict.HOST),
    "another port": (asked(host="127.0.0.1:8001"), Verdict.HOST),
    "a zero before the port": (asked(host="127.0.0.1:08000"), Verdict.HOST),
    "a user": (asked(host="user@127.0.0.1:8000"), Verdict.HOST),
    "a blank before the host": (asked(host=" 127.0.0.1:8000"), Verdict.HOST),
    "two hosts": (asked(host="127.0.0.1:8000, 127.0.0.1:8000"), Verdict.HOST),
    "no host": (asked(host=None), Verdict.HOST),
    "an empty host": (asked(host=""), Verdict.HOST),
    "the link under another name": (
        asked(target=LINK, token=None, host="localhost:8000"), Verdict.HOST,
    ),
    "a whole address": (asked(target="http://127.0.0.1:8000/"), Verdict.TARGET),
    "another whole address": (asked(target="http://evil.example/"), Verdict.TARGET),
    "CONNECT": (asked("CONNECT", target="127.0.0.1:8000"), Verdict.TARGET),
    "OPTIONS *": (asked("OPTIONS", target="*"), Verdict.TARGET),
    "NUL in the target": (asked(target="/\0"), Verdict.TARGET),
    "a letter beyond ASCII": (asked(target="/\xe4"), Verdict.TARGET),
    "no target": (asked(target=""), Verdict.TARGET),
    "POST from another site": (asked("POST", origin="http://evil.example"), Verdict.ORIGIN),
    "POST from another port": (asked("POST", origin="http://127.0.0.1:8001"), Verdict.ORIGIN),
    "POST from https": (asked("POST", origin="https://127.0.0.1:8000"), Verdict.ORIGIN),
    "POST from localhost": (asked("POST", origin="http://localhost:8000"), Verdict.ORIGIN),
    "POST from a path": (asked("POST", origin=ORIGIN + "/"), Verdict.ORIGIN),
    "POST from nowhere": (asked("POST", origin="null"), Verdict.ORIGIN),
    "POST from nowhere, typed": (asked("POST", origin="null", fetch_site="none"), Verdict.ORIGIN),
    "POST in a sandboxed frame": (
        asked("POST", origin="null", fetch_site="cross-site"), Verdict.SITE,
    ),
    "DELETE in a sandboxed frame of an old browser": (
        asked("DELETE", origin="null"), Verdict.ORIGIN,
    ),
    "an image of another site with the cookie": (
        asked(token=None, cookies=OURS, fetch_site="cross-site", fetch_mode="no-cors",
              fetch_dest="image"),
        Verdict.SITE,
    ),
    "an image of a sandboxed frame with the cookie": (
        asked(token=None, cookies=OURS, origin="null", fetch_site="cross-site"), Verdict.SITE,
    ),
    "a frame of another site with the cookie": (
        asked(token=None, cookies=OURS, fetch_site="cross-site", fetch_mode="navigate",
              fetch_dest="iframe"),
        Verdict.SITE,
    ),
    "another site with the cookie and no more": (
        asked(token=None, cookies=OURS, fetch_site="cross-site"), Verdict.SITE,
    ),
    "HEAD of another site with the cookie": (
        asked("HEAD", token=None, cookies=OURS, fetch_site="cross-site", **NAVIGATION),
        Verdict.SITE,
    ),
    "GET from nowhere with the cookie": (
        asked(token=None, cookies=OURS, origin="null"), Verdict.ORIGIN,
    ),
    "another site with a wrong token": (
        asked(token="x" * 43, cookies=OURS, fetch_site="cross-site"), Verdict.SITE,
    ),
    "an image of another site that names itself": (
        asked(origin="http://evil.example", fetch_site="cross-site"), Verdict.SITE,
    ),
    "an image of another port": (
        asked(fetch_site="same-site", fetch_mode="no-cors", fetch_dest="image"), Verdict.SITE,
    ),
    "POST from an empty origin": (asked("POST", origin=""), Verdict.ORIGIN),
    "PUT from another site": (asked("PUT", origin="http://evil.example"), Verdict.ORIGIN),
    "DELETE from another site": (asked("DELETE", origin="http://evil.example"), Verdict.ORIGIN),
    "OPTIONS from another site": (asked("OPTIONS", origin="http://evil.example"), Verdict.ORIGIN),
    "TRACE from another site": (asked("TRACE", origin="http://evil.example"), Verdict.ORIGIN),
    "GET from another site": (asked(origin="http://evil.example"), Verdict.ORIGIN),
    "GET from another port": (asked(origin="http://127.0.0.1:8001"), Verdict.ORIGIN),
    "a WebSocket of another port": (
        asked(token=None, cookies=OURS, origin="http://127.0.0.1:8001", fetch_mode="websocket"),
        Verdict.ORIGIN,
    ),
    "the link from another port": (
        asked(target=LINK, token=None, origin="http://127.0.0.1:8001"), Verdict.ORIGIN,
    ),
    "get in small letters": (asked("get", origin="http://evil.example"), Verdict.ORIGIN),
    "a frame of another port": (
        asked(fetch_site="same-site", fetch_mode="navigate", fetch_dest="frame"), Verdict.SITE,
    ),
    "a script of another port": (
        asked(fetch_site="same-site", fetch_mode="cors", fetch_dest="empty"), Verdict.SITE,
    ),
    "a form of another site": (asked("POST", fetch_site="cross-site", **NAVIGATION), Verdict.SITE),
    "a site of a later browser": (asked(fetch_site="new-kind"), Verdict.SITE),
    "an empty site": (asked(fetch_site=""), Verdict.SITE),
    "two sites": (asked(fetch_site="same-origin, cross-site"), Verdict.SITE),
    "the link in a frame": (
        asked(target=LINK, token=None, fetch_site="cross-site", fetch_mode="navigate",
              fetch_dest="iframe"),
        Verdict.SITE,
    ),
}  # fmt: skip

OPENS = {
    "typed": asked(target=LINK, token=None),
    "from the terminal": asked(target=LINK, token=None, fetch_site="none", **NAVIGATION),
    "from the file": asked(target=LINK, token=None, fetch_site="cross-site", **NAVIGATION),
    "with an old cookie": asked(target=LINK, token=None, cookies="app_djdesk=old"),
}


@pytest.mark.parametrize("name", SERVED)
def test_served(name: str) -> None:
    assert judge(SERVED[name], ACCESS) is Verdict.SERVE


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    request, reason = REFUSED[name]
    assert judge(request, ACCESS) is reason
    assert reason.refuses


@pytest.mark.parametrize("name", OPENS)
def test_opens(name: str) -> None:
    verdict = judge(OPENS[name], ACCESS)
    assert verdict is Verdict.OPEN
    assert not verdict.refuses


@pytest.mark.parametrize("name", OPENS)
@pytest.mark.parametrize("target", [LINK, "/.djdesk/open/"])
def test_opens_nothing_without_a_key(name: str, target: str) -> None:
    closed = Access(8000, "app_djdesk", TOKEN, COOKIE, "")
    request = asked(target=target, token=None, fetch_site=OPENS[name].fetch_site, **NAVIGATION)
    assert judge(request, closed) is Verdict.ACCESS


def test_every_refusal_has_a_row() -> None:
    assert {reason for _, reason in REFUSED.values()} == {v for v in Verdict if v.refuses}


def test_a_request_is_read_by_the_names_that_servers_give_to_headers() -> None:
    headers = {
        "HOST": "h", "X_DJDESK_TOKEN": "t", "COOKIE": "c", "ORIGIN": "o",
        "SEC_FETCH_SITE": "s", "SEC_FETCH_MODE": "m", "SEC_FETCH_DEST": "d",
    }  # fmt: skip
    assert read_request("GET", "/", headers.get) == Asked(
        "GET", "/", host="h", token="t", cookies="c", origin="o",
        fetch_site="s", fetch_mode="m", fetch_dest="d",
    )  # fmt: skip
    assert read_request("GET", "/", lambda _: None) == Asked("GET", "/")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", [("", "")]),
        ("a=b", [("a", "b")]),
        ("a=b; c=d=e", [("a", "b"), ("c", "d=e")]),
        (" a = b ;; c", [("a", "b"), ("", ""), ("c", "")]),
    ],
)
def test_cookies(header: str, expected: list[tuple[str, str]]) -> None:
    assert cookies(header) == expected
