import pytest
from django.test import Client

from djdesk.notes import limits
from tests.unit.djdesk.fixture_types import Attach, MakeNote
from tests.unit.djdesk.markup import Page

pytestmark = pytest.mark.django_db


def show(client: Client, address: str = "/") -> Page:
    response = client.get(address)
    assert response.status_code == 200
    return Page(response.content.decode())


def test_an_empty_collection_invites_to_write_the_first_note(client: Client) -> None:
    page = show(client)
    assert page.one("h1").text == "No notes yet"
    assert "/notes/new/" in [link.get("href") for link in page.all("a")]


def test_notes_are_listed_newest_first_with_their_number(
    client: Client, make_note: MakeNote
) -> None:
    make_note("Middle", days_old=2)
    make_note("Oldest", days_old=3)
    make_note("Newest", days_old=1)
    page = show(client)
    assert page.texts("h2") == ["Newest", "Middle", "Oldest"]
    assert "3 notes" in page.texts("p")


def test_one_note_is_counted_in_the_singular(client: Client, make_note: MakeNote) -> None:
    make_note()
    assert "1 note" in show(client).texts("p")


def test_a_card_tells_how_many_files_are_attached(
    client: Client, make_note: MakeNote, attach: Attach
) -> None:
    note = make_note()
    attach(note)
    attach(note)
    assert "2 attached files" in [" ".join(e.text.split()) for e in show(client).all("span")]


def test_a_card_shows_only_the_beginning_of_a_long_text(
    client: Client, make_note: MakeNote
) -> None:
    make_note(text="beginning " + "x" * 5000 + " the-end")
    content = client.get("/").content.decode()
    assert "beginning" in content
    assert "the-end" not in content


def test_text_is_escaped(client: Client, make_note: MakeNote) -> None:
    note = make_note("<b>title</b>", "<script>alert(1)</script>")
    for address in ("/", "/?q=script", note.get_absolute_url()):
        page = show(client, address)
        assert not page.all("script", "b")


def test_long_collections_have_pages(client: Client, make_note: MakeNote) -> None:
    for number in range(limits.NOTES_ON_A_PAGE * 2 + 1):
        make_note(f"Note {number}", days_old=number)
    first, last = show(client), show(client, "/?page=3")
    assert len(first.texts("h2")) == limits.NOTES_ON_A_PAGE
    assert last.texts("h2") == [f"Note {limits.NOTES_ON_A_PAGE * 2}"]
    current = [link for link in last.all("a") if link.get("aria-current") == "page"]
    assert [link.get("href") for link in current] == ["?page=3"]


@pytest.mark.parametrize(("page", "shown"), [("0", 3), ("99", 3), ("x", 1), ("-1", 3)])
def test_a_page_that_is_not_there_shows_one_that_is(
    client: Client, make_note: MakeNote, page: str, shown: int
) -> None:
    for number in range(limits.NOTES_ON_A_PAGE * 2 + 1):
        make_note(f"Note {number}", days_old=number)
    current = [
        link
        for link in show(client, f"/?page={page}").all("a")
        if link.get("aria-current") == "page"
    ]
    assert current[0].get("href") == f"?page={shown}"


def test_a_short_collection_has_no_pages(client: Client, make_note: MakeNote) -> None:
    make_note()
    assert "Pages" not in [nav.get("aria-label") for nav in show(client).all("nav")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tiles", ["Küche"]),
        ("KÜCHE", ["Küche"]),
        ("kuche", ["Küche"]),
        ("sage sand", ["Küche"]),
        ("sage garden", []),
        ("100%", ["Percent"]),
        ("1_0", []),
        ("straße", ["Percent"]),
        ("STRASSE", ["Percent"]),
        ("  ", ["Küche", "Percent"]),
    ],
)
def test_search_finds_all_words_in_title_or_text(
    client: Client, make_note: MakeNote, query: str, found: list[str]
) -> None:
    make_note("Küche", "Which tiles: sand or sage?", days_old=1)
    make_note("Percent", "100% of 1x0, Lange Straße 4", days_old=2)
    response = client.get("/", {"q": query})
    assert Page(response.content.decode()).texts("h2") == found


def test_search_keeps_its_words_in_the_field_and_marks_them(
    client: Client, make_note: MakeNote
) -> None:
    make_note("Küche", "Die Küche ist gelb")
    page = show(client, "/?q=kuche")
    [field] = [element for element in page.all("input") if element.get("name") == "q"]
    assert field.get("value") == "kuche"
    assert page.texts("mark") == ["Küche", "Küche"]


def test_search_keeps_its_words_on_the_next_page(client: Client, make_note: MakeNote) -> None:
    for number in range(limits.NOTES_ON_A_PAGE + 1):
        make_note(f"Same {number}")
    links = [link for link in show(client, "/?q=same").all("a") if link.get("rel") == "next"]
    assert [link.get("href") for link in links] == ["?q=same&page=2"]


def test_search_that_finds_nothing_says_so_and_leads_back(
    client: Client, make_note: MakeNote
) -> None:
    make_note()
    page = show(client, "/?q=nowhere")
    assert page.one("h1").text == "Nothing found"
    assert any("nowhere" in text for text in page.texts("p"))


def test_an_endless_query_is_cut(client: Client, make_note: MakeNote) -> None:
    make_note()
    assert client.get("/", {"q": "a " * 50_000}).status_code == 200
    assert client.get("/", {"q": "\0%_\\"}).status_code == 200


def test_a_list_can_not_be_posted_to(client: Client) -> None:
    assert client.post("/").status_code == 405
