import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client

from djdesk.notes import limits
from djdesk.notes.models import Note
from tests.unit.djdesk.fixture_types import Attach, MakeNote, StoredFiles, Submit
from tests.unit.djdesk.markup import Page

pytestmark = pytest.mark.django_db


def upload(name: str = "a.txt", content: bytes = b"content") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def errors_of(client: Client, address: str, data: dict[str, object]) -> list[str]:
    """Return the messages of the error summary; each must lead to an existing field."""
    response = client.post(address, data)
    assert response.status_code == 200
    page = Page(response.content.decode())
    [summary] = [element for element in page.all("div") if element.get("role") == "alert"]
    links = [link for link in page.all("a") if summary in link.ancestors]
    assert all(link.get("href").removeprefix("#") in page.ids() for link in links)
    return [link.text for link in links]


def test_a_new_note_is_kept_and_shown(client: Client, submit: Submit) -> None:
    address = submit("/notes/new/", {"title": "Milk", "text": "Two bottles"})
    response = client.get(address)
    page = Page(response.content.decode())
    assert page.one("h1").text == "Milk"
    assert "Two bottles" in page.one("article").text
    assert page.texts("title") == ["Milk · DJDesk Notes"]


def test_success_is_told_once(client: Client, submit: Submit) -> None:
    address = submit("/notes/new/", {"title": "Milk"})
    assert "The note has been saved." in client.get(address).content.decode()
    assert "The note has been saved." not in client.get(address).content.decode()


def test_lines_and_leading_spaces_are_kept(submit: Submit) -> None:
    submit("/notes/new/", {"title": "T", "text": "  one\r\n\r\n\ttwo\r\n"})
    assert Note.objects.get().text == "  one\n\n\ttwo\n"


def test_a_note_can_be_changed_and_comes_first_again(
    client: Client, make_note: MakeNote, submit: Submit
) -> None:
    note = make_note("Old", days_old=5)
    make_note("Other", days_old=1)
    submit(f"/notes/{note.pk}/edit/", {"title": "New", "text": "words"})
    assert Page(client.get("/").content.decode()).texts("h2") == ["New", "Other"]
    assert Page(client.get("/?q=words").content.decode()).texts("h2") == ["New"]
    note.refresh_from_db()
    assert note.created < note.updated


def test_the_edit_form_shows_what_is_there(client: Client, make_note: MakeNote) -> None:
    note = make_note("The title", "\nThe <text>")
    page = Page(client.get(f"/notes/{note.pk}/edit/").content.decode())
    assert [e.get("value") for e in page.all("input") if e.get("name") == "title"] == ["The title"]
    # A browser drops the first line end of a textarea.
    assert page.one("textarea").text.removeprefix("\n") == "\nThe <text>"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"title": ""}, "Give the note a title."),
        ({"title": "   "}, "Give the note a title."),
        ({"title": "x" * (limits.TITLE_CHARACTERS + 1)}, "at most 200 characters"),
        ({"title": "T", "text": "x" * (limits.TEXT_CHARACTERS + 1)}, "at most 1000000"),
        ({"title": "T", "uploads": upload(content=b"")}, "a.txt: The submitted file is empty."),
    ],
)
def test_a_bad_note_is_explained_and_not_kept(
    client: Client, data: dict[str, object], message: str
) -> None:
    [error] = errors_of(client, "/notes/new/", data)
    assert message in error
    assert not Note.objects.exists()


def test_the_longest_text_is_accepted(submit: Submit) -> None:
    submit("/notes/new/", {"title": "T", "text": "é" * limits.TEXT_CHARACTERS})
    assert len(Note.objects.get().text) == limits.TEXT_CHARACTERS


def test_what_was_typed_is_not_lost_by_an_error(client: Client) -> None:
    response = client.post("/notes/new/", {"title": "", "text": "half an hour of work"})
    assert "half an hour of work" in response.content.decode()


def test_a_file_over_the_limit_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch, stored_files: StoredFiles
) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 4)
    data: dict[str, object] = {"title": "T", "uploads": [upload("ok", b"1234"), upload("big")]}
    [error] = errors_of(client, "/notes/new/", data)
    assert error == "big is too large (7\xa0bytes). A file may have up to 4\xa0bytes."
    assert stored_files() == []


def test_too_many_files_are_refused_and_the_reader_told_to_choose_again(client: Client) -> None:
    uploads = [upload(f"{number}") for number in range(limits.FILES_AT_ONCE + 1)]
    [error] = errors_of(client, "/notes/new/", {"title": "T", "uploads": uploads})
    assert error == "Attach at most 20 files at a time; you chose 21."
    content = client.post("/notes/new/", {"title": "", "uploads": uploads[:1]}).content.decode()
    assert "Choose the files to attach once more" in content


def test_files_beyond_what_is_parsed_get_a_page_that_explains(client: Client) -> None:
    client.raise_request_exception = False
    uploads = [upload(f"{number}") for number in range(101)]
    response = client.post("/notes/new/", {"title": "T", "uploads": uploads})
    assert response.status_code == 400
    assert "attach fewer at a time" in response.content.decode()


def test_a_full_disk_is_explained_and_changes_nothing(
    client: Client,
    make_note: MakeNote,
    monkeypatch: pytest.MonkeyPatch,
    stored_files: StoredFiles,
) -> None:
    note = make_note("Before")

    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", fail)
    data: dict[str, object] = {"title": "After", "uploads": upload()}
    [error] = errors_of(client, f"/notes/{note.pk}/edit/", data)
    assert "No space left on device" in error
    note.refresh_from_db()
    assert note.title == "Before"
    assert stored_files() == []


def test_files_of_a_note_that_could_not_be_written_are_removed(
    client: Client, monkeypatch: pytest.MonkeyPatch, stored_files: StoredFiles
) -> None:
    seen: list[int] = []

    def fail(*_arguments: object, **_options: object) -> None:
        seen.append(len(stored_files()))
        raise DatabaseError

    monkeypatch.setattr("djdesk.notes.models.Attachment.save", fail)
    with pytest.raises(DatabaseError):
        client.post("/notes/new/", {"title": "T", "uploads": upload()})
    assert seen == [1]
    assert stored_files() == []
    assert not Note.objects.exists()


def test_deleting_asks_first(client: Client, make_note: MakeNote, attach: Attach) -> None:
    note = make_note("Precious")
    attach(note)
    page = Page(client.get(f"/notes/{note.pk}/delete/").content.decode())
    assert any("“Precious” will be deleted" in text for text in page.texts("p"))
    assert any("file attached to it is deleted too" in text for text in page.texts("p"))
    assert Note.objects.exists()


def test_deleting_removes_the_note_and_its_files_only(
    client: Client,
    make_note: MakeNote,
    attach: Attach,
    submit: Submit,
    stored_files: StoredFiles,
) -> None:
    note, other = make_note("Going"), make_note("Staying")
    attach(note)
    attach(note)
    kept = attach(other)
    assert submit(f"/notes/{note.pk}/delete/") == "/"
    assert [str(path) for path in stored_files()] == [kept.file.path]
    assert "“Going” has been deleted." in client.get("/").content.decode().replace("&quot;", '"')


def test_files_stay_until_the_deletion_is_committed(
    client: Client, make_note: MakeNote, attach: Attach, stored_files: StoredFiles
) -> None:
    note = make_note()
    attach(note)
    client.post(f"/notes/{note.pk}/delete/")
    assert not Note.objects.exists()
    assert len(stored_files()) == 1


def test_a_file_in_use_does_not_stop_a_deletion(
    make_note: MakeNote,
    attach: Attach,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    note = make_note()
    attachment = attach(note)

    def fail(*_arguments: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.delete", fail)
    submit(f"/notes/{note.pk}/delete/")
    assert not Note.objects.exists()
    assert str(attachment.file.name) in caplog.text


@pytest.mark.parametrize("address", ["/notes/9/", "/notes/9/edit/", "/notes/9/delete/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_note_that_is_not_there(client: Client, address: str, method: str) -> None:
    expected = 405 if method == "post" and address == "/notes/9/" else 404
    assert getattr(client, method)(address).status_code == expected


def test_a_number_no_database_can_hold(client: Client) -> None:
    assert client.get(f"/notes/{'9' * 40}/").status_code == 404
