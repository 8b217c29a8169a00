"""What is true of every page: structure, security headers, nothing from the network."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from djdesk.notes import limits, views
from djdesk.notes.models import Note
from tests.unit.djdesk.fixture_types import Attach, MakeNote, Submit
from tests.unit.djdesk.markup import Element, Page

pytestmark = pytest.mark.django_db

FORMS = frozenset({"new", "edit", "errors"})
ADDRESSES = ("href", "src", "action", "srcset", "poster", "data", "formaction", "style")
PAGES = {
    "list": (200, "/"),
    "second page": (200, "/?page=2"),
    "search": (200, "/?q=note"),
    "nothing found": (200, "/?q=zzz"),
    "detail": (200, "/notes/{note}/"),
    "new": (200, "/notes/new/"),
    "edit": (200, "/notes/{note}/edit/"),
    "delete": (200, "/notes/{note}/delete/"),
    "about": (200, "/about/"),
    "not found": (404, "/nowhere/"),
    "missing file": (404, "/attachments/{attachment}/"),
}
Show = Callable[[str], HttpResponse]


def failing_with(error: Exception) -> Callable[..., None]:
    def fail(*_arguments: object) -> None:
        raise error

    return fail


@pytest.fixture
def show_special(client: Client, monkeypatch: pytest.MonkeyPatch) -> dict[str, Show]:
    """Pages that no address alone leads to."""

    def fail(error: Exception) -> HttpResponse:
        monkeypatch.setattr(views, "matching", failing_with(error))
        return as_response(client.get("/"))

    def forge(address: str) -> HttpResponse:
        return as_response(Client(enforce_csrf_checks=True).post(address))

    def submit_errors(address: str) -> HttpResponse:
        uploads = SimpleUploadedFile("empty.txt", b"")
        return as_response(client.post(address, {"title": "", "uploads": uploads}))

    return {
        "errors": submit_errors,
        "failure": lambda _: fail(RuntimeError("a failure on purpose")),
        "bad request": lambda _: fail(SuspiciousOperation("on purpose")),
        "forgery": forge,
    }


@pytest.fixture
def show(
    client: Client, make_note: MakeNote, attach: Attach, show_special: dict[str, Show]
) -> Show:
    """Return a function from a page's name to its response."""
    client.raise_request_exception = False

    def respond(name: str) -> HttpResponse:
        if name == "empty":
            return as_response(client.get("/"))
        for number in range(limits.NOTES_ON_A_PAGE):
            make_note(f"Note {number}", days_old=1)
        note = make_note("A <note> & more", "Its text")
        attachment = attach(note, "<b>.txt")
        if name in show_special:
            return show_special[name](f"/notes/{note.pk}/edit/")
        if name == "missing file":
            attachment.file.storage.delete(str(attachment.file.name))
        address = PAGES[name][1].format(note=note.pk, attachment=attachment.pk)
        return as_response(client.get(address))

    return respond


def as_response(response: object) -> HttpResponse:
    assert isinstance(response, HttpResponse)
    return response


every_page = pytest.mark.parametrize(
    "name", [*PAGES, "empty", "errors", "failure", "bad request", "forgery"]
)


def is_labelled(page: Page, control: Element) -> bool:
    labels = page.all("label")
    wrapped = any(element.tag == "label" for element in control.ancestors)
    named = any(label.get("for") == control.get("id") and label.text.strip() for label in labels)
    return wrapped or (bool(control.get("id")) and named)


@every_page
def test_structure(show: Show, name: str) -> None:
    page = Page(show(name).content.decode())
    assert page.one("html").get("lang") == "en"
    assert page.one("title").text.strip(" ·")
    assert page.one("h1").text.strip()
    top = [e.tag for e in page.elements if [above.tag for above in e.ancestors] == ["html", "body"]]
    assert top == ["a", "header", "main", "footer"]
    assert page.elements[0].tag == "html"
    skip = page.all("a")[0]
    assert skip.get("href") == f"#{page.one('main').get('id')}"
    [search] = [form for form in page.all("form") if form.get("role") == "search"]
    assert search.get("method") == "get"
    schemes = [meta.get("content") for meta in page.all("meta")]
    assert "light dark" in schemes


@every_page
def test_names_and_references(show: Show, name: str) -> None:
    page = Page(show(name).content.decode())
    identifiers = page.ids()
    assert len(identifiers) == len(set(identifiers))
    for control in page.all("input", "textarea", "select"):
        assert control.get("type") == "hidden" or is_labelled(page, control), control.attributes
    for element in page.all("button", "a", "nav", "legend"):
        assert element.text.strip(), element.attributes
    for element in page.elements:
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for reference in element.get(attribute).split():
                assert reference in identifiers, f"{attribute}={reference}"
    for link in page.all("a"):
        if link.get("href").startswith("#"):
            assert link.get("href")[1:] in identifiers
    for image in page.all("img"):
        assert "alt" in image.attributes
    for nav in page.all("nav"):
        assert nav.get("aria-label")


@every_page
def test_headings_do_not_skip_a_level(show: Show, name: str) -> None:
    page = Page(show(name).content.decode())
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@every_page
def test_nothing_comes_from_the_network(show: Show, name: str) -> None:
    page = Page(show(name).content.decode())
    for element in page.elements:
        assert element.tag not in {"style", "iframe", "object", "embed", "base"}
        assert element.tag != "script" or (name in FORMS and element.get("src"))
        assert not [key for key in element.attributes if key.startswith("on")]
        assert "style" not in element.attributes
        for attribute in ADDRESSES:
            address = element.get(attribute)
            assert "//" not in address, address
            assert ":" not in address, address


@every_page
def test_headers(show: Show, name: str) -> None:
    response = show(name)
    expected = {"empty": 200, "errors": 200, "failure": 500, "bad request": 400, "forgery": 403}
    assert response.status_code == (PAGES[name][0] if name in PAGES else expected[name])
    policy = response.headers["Content-Security-Policy"].split("; ")
    script = "script-src 'self'"
    assert (script in policy) == (name in FORMS)
    assert [rule for rule in policy if rule != script] == [
        *("default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'"),
        *("base-uri 'none'", "frame-ancestors 'none'"),
    ]

    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(("name", "refused"), [("new", False), ("edit", False), ("errors", True)])
def test_forms_ask_before_they_are_left_unsaved(show: Show, name: str, refused: bool) -> None:
    page = Page(show(name).content.decode())
    (script,) = page.all("script")
    assert finders.find(script.get("src").partition("static/")[2])
    forms = [form for form in page.all("form") if form.get("class") == "note-form"]
    assert [form.get("data-refused") == "true" for form in forms] == [refused]


def test_errors_are_tied_to_their_fields(show: Show) -> None:
    page = Page(show("errors").content.decode())
    invalid = [e for e in page.all("input", "textarea") if e.get("aria-invalid") == "true"]
    assert [element.get("name") for element in invalid] == ["title", "uploads"]
    for element in invalid:
        assert f"{element.get('id')}_error" in element.get("aria-describedby").split()
    assert page.texts("title")[0].startswith("Not saved: ")


def test_messages_are_announced(client: Client, submit: Submit) -> None:
    page = Page(client.get(submit("/notes/new/", {"title": "T"})).content.decode())
    [region] = [element for element in page.elements if element.get("role") == "status"]
    assert region.get("aria-live") == "polite"
    assert "The note has been saved." in region.text


@pytest.mark.parametrize("address", ["/notes/new/", "/notes/{pk}/edit/", "/notes/{pk}/delete/"])
def test_a_post_without_its_token_changes_nothing(make_note: MakeNote, address: str) -> None:
    note = make_note("Untouched")
    client = Client(enforce_csrf_checks=True)
    response = client.post(address.format(pk=note.pk), {"title": "Changed"})
    assert response.status_code == 403
    assert [each.title for each in Note.objects.all()] == ["Untouched"]


def test_a_post_with_its_token_is_accepted(make_note: MakeNote) -> None:
    client = Client(enforce_csrf_checks=True)
    page = Page(client.get("/notes/new/").content.decode())
    [token] = [e.get("value") for e in page.all("input") if e.get("name") == "csrfmiddlewaretoken"]
    response = client.post("/notes/new/", {"title": "T", "csrfmiddlewaretoken": token})
    assert response.status_code == 302


def test_a_post_from_another_origin_is_refused(client: Client) -> None:
    client = Client(enforce_csrf_checks=True, headers={"origin": "http://evil.example"})
    page = Page(client.get("/notes/new/").content.decode())
    [token] = [e.get("value") for e in page.all("input") if e.get("name") == "csrfmiddlewaretoken"]
    response = client.post("/notes/new/", {"title": "T", "csrfmiddlewaretoken": token})
    assert response.status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:49152", "localhost", "[::1]:8000"])
def test_loopback_hosts_are_served(client: Client, host: str) -> None:
    assert client.get("/about/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.0.2", "::1"])
def test_other_hosts_are_refused(client: Client, host: str) -> None:
    assert client.get("/about/", headers={"host": host}).status_code == 400


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(
    client: Client, submit: Submit
) -> None:
    client.get("/notes/new/")
    submit("/notes/new/", {"title": "T"})
    assert set(client.cookies) == {"csrftoken", "messages"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] in {"Strict", "Lax"}


def test_an_address_in_a_text_becomes_a_link_that_tells_nothing(
    client: Client, make_note: MakeNote
) -> None:
    note = make_note(text="see https://docs.example/a?b=1&c=2 <now>")
    page = Page(client.get(note.get_absolute_url()).content.decode())
    [link] = [link for link in page.all("a") if "docs.example" in link.get("href")]
    assert link.get("href") == "https://docs.example/a?b=1&c=2"
    assert link.get("rel") == "nofollow"
