"""What a served bundle must do over HTTP, whatever its project's own pages are like.

Each check returns a word about what it saw, or raises CheckError where the bundle is at fault.
What the project decides, such as who may see a page, is no fault.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from build_support.verification.browse import Browser, Form, Page, find_upload_forms
from build_support.verification.used import Bundle, CheckError, Site

_FAR_FUTURE = 31_536_000  # a year, in seconds
_MOST_REDIRECTS = 20
_LINE, _LINES = "Ein Anhang, größer als ASCII.\n".encode(), 4096
_UPLOAD = ("Grüße 🦄.txt", _LINE * _LINES)
#: As many forms are tried: a project may have a page for each of its models.
_MOST_FORMS = 3
_ELSEWHERE = re.compile(
    r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw. `warning` is about the project, not the bundle."""

    detail: str = ""
    warning: str = ""


def check_refusal(site: Site) -> Seen:
    """Ask without the token."""
    answer = httpx.get(site.url, trust_env=False)
    if answer.status_code != httpx.codes.FORBIDDEN:
        raise CheckError(f"{site.url} answered {answer.status_code} without a token")
    return Seen(f"{site.url} {answer.status_code} without a token")


def check_other_origin(site: Site) -> Seen:
    """Ask for another name's page, which not even the token allows."""
    port = urlsplit(site.url).port
    host = f"attacker.example:{port}"
    answer = site.client.get(site.url, headers={"Host": host})
    if answer.status_code not in {httpx.codes.FORBIDDEN, httpx.codes.BAD_REQUEST}:
        raise CheckError(f"{site.url} answered {answer.status_code} to Host: {host}")
    return Seen(f"Host: {host} {answer.status_code}")


def check_first_page(used: Bundle, site: Site) -> Seen:
    """Follow the first page to its end; where it leads, and whether there is one, is theirs."""
    address, seen = site.url, []
    for _ in range(_MOST_REDIRECTS):
        try:
            response = site.client.get(address)
        except httpx.TimeoutException:
            return Seen(warning=f"{address} gave no answer in time")
        seen.append(address)
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise CheckError(f"{address} answered {response.status_code}{used.log_end()}")
        if not response.is_redirect:
            return _seen_page(site, response)
        address = urljoin(address, response.headers["location"])
        if urlsplit(address)[:2] != urlsplit(site.url)[:2]:
            return Seen(warning=f"{seen[-1]} redirects to {address}, which opens in a browser")
    return Seen(warning=f"{site.url} redirects without end: {', '.join(seen[-2:])}")


def _seen_page(site: Site, response: httpx.Response) -> Seen:
    size = len(response.content)
    said = f"{response.url} {response.status_code}, {size} bytes"
    if response.is_error:
        return Seen(warning=f"the first page, {response.url}, answers {response.status_code}")
    if response.is_success and not size and response.status_code != httpx.codes.NO_CONTENT:
        return Seen(warning=f"the first page, {response.url}, is empty")
    own = f"//{urlsplit(site.url).netloc}"
    others = {found for found in _ELSEWHERE.findall(response.text) if own not in found}
    if others:
        hosts = sorted({urlsplit(urljoin("http:", other)).netloc for other in others})
        return Seen(said, f"the first page takes parts from {', '.join(hosts)}: needs a network")
    return Seen(said)


def check_static(used: Bundle, site: Site, prefix: str) -> Seen:
    """Ask for a static file, which comes compressed and is kept for good by the browser."""
    static = used.path / "static"
    files = json.loads((static / "staticfiles.json").read_text(encoding="utf-8"))
    compressed = sorted(
        hashed for hashed in files["paths"].values() if (static / f"{hashed}.gz").is_file()
    )
    if not compressed:
        return Seen("the project has none that compressing makes smaller")
    address = f"{prefix}{compressed[0]}"
    response = site.client.get(site.origin + address, headers={"Accept-Encoding": "gzip"})
    caching = response.headers.get("cache-control", "")
    ages = [part.removeprefix("max-age=") for part in caching.replace(" ", "").split(",")]
    if response.status_code != httpx.codes.OK:
        raise CheckError(f"{response.url} answered {response.status_code}{used.log_end()}")
    if response.headers.get("content-encoding") != "gzip":
        raise CheckError(f"{response.url} came uncompressed")
    if not any(age.isdigit() and int(age) >= _FAR_FUTURE for age in ages):
        raise CheckError(f"{response.url} came with Cache-Control {caching!r}")
    return Seen(f"{address}: gzip, {caching}")


def check_stored(used: Bundle, site: Site, left: dict[str, object], expected: bytes) -> Seen:
    """Ask for a stored file, which comes back unless the project decides otherwise."""
    if left["storage"] == "elsewhere":
        return Seen("the project keeps files in a storage of its own")
    if left["storage"] != "served":
        return Seen("kept; the project has no MEDIA_URL that serves files")
    address = str(left["address"])
    response = site.client.get(site.origin + address)
    if response.status_code == httpx.codes.OK and response.content == expected:
        return Seen(f"{len(expected)} bytes, back from {address}")
    if left["own_view"]:
        return Seen(f"kept; a view of the project answers {response.status_code} at {address}")
    raise CheckError(f"{address} answered {response.status_code} and other content{used.log_end()}")


def try_upload(used: Bundle, site: Site) -> Seen:
    """Send a text file by the project's own forms; that they refuse it is their right."""
    browser = Browser(site.client, site.url)
    refused = []
    try:
        for form in find_upload_forms(browser, most=_MOST_FORMS):
            link = _send(browser, form)
            if link:
                return Seen(f"by the form {form.action}, back from {link}")
            refused.append(form.action)
    except httpx.HTTPError as error:
        return Seen(
            warning=f"trying the project's forms ended with {type(error).__name__}: {error}"
        )
    except CheckError as error:
        return Seen(warning=f"{error}{used.log_end()}")
    if not refused:
        return Seen("no page that links lead to has a form for files")
    return Seen(f"{', '.join(refused)} gave no text file back: the project's own rules, perhaps")


def _send(browser: Browser, form: Form) -> str:
    """Send a file; return the address that it comes back from, empty if there is none."""
    answer = browser.send(form, _UPLOAD)
    if answer.response.is_server_error:
        raise CheckError(f"{form.action} answered {answer.response.status_code} to a text file")
    for page in (answer, *browser.walk()):
        for link in page.links:
            if _gives_back(browser.open(link)):
                return link
    return ""


def _gives_back(page: Page) -> bool:
    return page.response.content == _UPLOAD[1]


def check_stop(site: Site) -> Seen:
    """Be gone, as the shell may be: the server ends by itself."""
    code = site.stop()
    if code != 0:
        raise CheckError(f"ended with {code}")
    return Seen("ended by itself")
