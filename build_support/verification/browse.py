"""A browser as small as can be: pages, links and one form, for trying out a bundle."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

_MOST_PAGES = 30
_MOST_SECONDS = 120.0
_TEXT = "Checked by DJDesk"
#: What is typed into a field of each type.
_TEXTS: Mapping[str, str] = {
    "": _TEXT,
    "text": _TEXT,
    "search": _TEXT,
    "email": "djdesk@example.org",
    "url": "https://example.org/",
    "number": "1",
    "range": "1",
    "tel": "+49 30 1234567",
    "password": "Checked by DJDesk, 42",
    "color": "#336699",
    "date": "2000-01-31",
    "month": "2000-01",
    "week": "2000-W05",
    "time": "12:00",
    "datetime-local": "2000-01-31T12:00",
}


@dataclass(slots=True)
class Form:
    """A form: where it goes, its fields with the values to send, and its file inputs."""

    action: str
    method: str
    multipart: bool
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was fetched: its links are absolute and of the same origin."""

    url: str
    response: httpx.Response
    links: tuple[str, ...]
    forms: tuple[Form, ...]


class Browser:
    """Fetches pages from one origin, with cookies."""

    def __init__(self, client: httpx.Client, home: str) -> None:
        self._client = client
        self.home = home

    def open(self, url: str) -> Page:
        """Fetch a page, following redirects."""
        return self._page(self._client.get(url, follow_redirects=True))

    def send(self, form: Form, file: tuple[str, bytes]) -> Page:
        """Fill the form's file inputs with a file, send it, and open what it answers."""
        response = self._client.post(
            form.action,
            data=form.fields,
            files=[(name, file) for name in form.files],
            headers={"Referer": form.action},
            follow_redirects=True,
        )
        return self._page(response)

    def walk(self) -> Iterator[Page]:
        """Yield the home page and those that links lead to, nearest first, for a while.

        Some thirty at most.
        """
        waiting, seen = [self.home], {self.home}
        until = time.monotonic() + _MOST_SECONDS
        for _ in range(_MOST_PAGES):
            if not waiting or time.monotonic() > until:
                return
            page = self.open(waiting.pop(0))
            yield page
            new = [link for link in page.links if link not in seen]
            seen.update(new)
            waiting.extend(new)

    def _page(self, response: httpx.Response) -> Page:
        url = str(response.url)
        reader = _Reader(url)
        if response.headers.get("content-type", "").startswith("text/html"):
            reader.feed(response.text)
        home = urlsplit(self.home)
        links = dict.fromkeys(
            link for link in reader.links if urlsplit(link)[:2] == (home.scheme, home.netloc)
        )
        return Page(url, response, tuple(links), tuple(reader.forms))


def find_upload_forms(browser: Browser, *, most: int) -> Iterator[Form]:
    """Yield forms that take a file, on the pages that links lead to, each address once."""
    found: set[str] = set()
    for page in browser.walk():
        for form in page.forms:
            if form.multipart and form.method == "post" and form.files:
                if form.action not in found:
                    found.add(form.action)
                    yield form
                if len(found) >= most:
                    return


def find_upload_form(browser: Browser) -> Form | None:
    """Return the first form that takes a file, None if there is none."""
    return next(find_upload_forms(browser, most=1), None)


class _Reader(HTMLParser):
    """Collects links and forms; fields that have no value get one."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._open = False
        self._select = ""  # the name of the list whose options come

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in found:
            if link := self._absolute(found["href"]):
                self.links.append(urldefrag(link).url)
        elif tag == "form":
            self.forms.append(
                Form(
                    action=self._absolute(found.get("action", "")) or self._url,
                    method=found.get("method", "get").lower(),
                    multipart=found.get("enctype", "").lower() == "multipart/form-data",
                )
            )
            self._open = True
        elif self._open and tag == "option":
            self._option(found)
        elif self._open and found.get("name") and "disabled" not in found:
            self._field(tag, found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select":
            self._select = ""

    def _absolute(self, address: str) -> str:
        try:
            return urljoin(self._url, address.strip())
        except ValueError:
            return ""  # such as http://[

    def _field(self, tag: str, found: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], found["name"], found.get("type", "").lower()
        if tag == "textarea":
            form.fields[name] = _TEXT
        elif tag == "select":
            self._select = name
        elif tag != "input":
            return
        elif kind == "file":
            form.files.append(name)
        elif kind in {"checkbox", "radio"}:
            # As a browser does: what is ticked, and what has to be.
            if "checked" in found or ("required" in found and name not in form.fields):
                form.fields[name] = found.get("value") or "on"
        elif kind == "hidden":
            form.fields[name] = found.get("value", "")
        elif kind in _TEXTS:
            form.fields[name] = found.get("value") or _TEXTS[kind]

    def _option(self, found: dict[str, str]) -> None:
        """Choose what is selected, else the first that has a value."""
        value = found.get("value", "")
        if self._select and value and "disabled" not in found:
            fields = self.forms[-1].fields
            if "selected" in found or self._select not in fields:
                fields[self._select] = value
