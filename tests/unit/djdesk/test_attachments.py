import stat
import sys
from collections.abc import Mapping
from email.message import Message
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

from djdesk.notes.forms import NoteForm
from djdesk.notes.keeping import save_note
from djdesk.notes.models import Attachment, Note
from tests.unit.djdesk.fixture_types import Attach, MakeNote, StoredFiles, Submit
from tests.unit.djdesk.markup import Page

pytestmark = pytest.mark.django_db

NAMES = ["plain.txt", "Grundriß Küche 图.pdf", "it's ; fine.txt", "no suffix", "ärger 100%.csv"]


def file_name(disposition: str) -> str | None:
    message = Message()
    message["Content-Disposition"] = disposition
    return message.get_filename()


def download(client: Client, attachment: Attachment) -> tuple[Mapping[str, str], bytes]:
    """Return the headers and the content."""
    response = client.get(attachment.get_absolute_url())
    assert response.status_code == 200
    return response.headers, response.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_back_as_it_went_in(client: Client, submit: Submit, name: str) -> None:
    content = bytes(range(256)) * 40
    upload = SimpleUploadedFile(name, content, content_type="application/x-test")
    submit("/notes/new/", {"title": "T", "uploads": upload})
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.size) == (name, len(content))
    headers, received = download(client, attachment)
    assert received == content
    assert headers["Content-Type"] == "application/x-test"
    assert headers["Content-Length"] == str(len(content))
    assert headers["X-Content-Type-Options"] == "nosniff"
    disposition = headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert file_name(disposition) == name


@pytest.mark.parametrize("name", ['say "ja" \\ nein.txt', "two\nlines.txt", "a" * 255])
def test_a_name_with_special_characters_is_sent_whole(
    client: Client, make_note: MakeNote, attach: Attach, name: str
) -> None:
    headers, _ = download(client, attach(make_note(), name))
    assert file_name(headers["Content-Disposition"]) == name


def test_several_files_are_attached_at_once_in_their_order(client: Client, submit: Submit) -> None:
    names = ["b.txt", "a.txt", "a.txt"]
    uploads = [SimpleUploadedFile(name, b"x") for name in names]
    address = submit("/notes/new/", {"title": "T", "uploads": uploads})
    assert [attachment.name for attachment in Attachment.objects.all()] == names
    page = Page(client.get(address).content.decode())
    shown = [element.text for element in page.all("span") if element.get("class") == "file-name"]
    assert shown == names
    assert page.texts("h2") == ["3 attached files"]


def test_a_file_larger_than_memory_holds_goes_through_the_disk(
    client: Client, submit: Submit
) -> None:
    content = b"0123456789abcdef" * (3 * 1024 * 1024 // 16)
    submit("/notes/new/", {"title": "T", "uploads": SimpleUploadedFile("big", content)})
    assert download(client, Attachment.objects.get())[1] == content


def test_editing_adds_files_and_removes_chosen_ones(
    make_note: MakeNote, attach: Attach, submit: Submit, stored_files: StoredFiles
) -> None:
    note = make_note()
    attach(note, "keep.txt")
    going = attach(note, "remove.txt")
    data = {"title": "T", "remove": [going.pk], "uploads": SimpleUploadedFile("new.txt", b"x")}
    submit(f"/notes/{note.pk}/edit/", data)
    assert [attachment.name for attachment in note.attachments.all()] == ["keep.txt", "new.txt"]
    assert len(stored_files()) == 2


def test_the_files_of_another_note_can_not_be_removed(
    client: Client, make_note: MakeNote, attach: Attach
) -> None:
    note, other = make_note(), make_note()
    attach(note)
    foreign = attach(other)
    response = client.post(f"/notes/{note.pk}/edit/", {"title": "T", "remove": [foreign.pk]})
    assert response.status_code == 200
    assert Attachment.objects.count() == 2


def test_only_a_note_with_files_offers_to_remove_some(
    client: Client, make_note: MakeNote, attach: Attach
) -> None:
    bare, full = make_note(), make_note()
    attach(full, "Küche.txt")
    offers = {
        note.pk: [
            element
            for element in Page(client.get(f"/notes/{note.pk}/edit/").content.decode()).all("label")
            if "Küche.txt" in element.text
        ]
        for note in (bare, full)
    }
    assert [len(offers[bare.pk]), len(offers[full.pk])] == [0, 1]


def test_the_user_s_name_is_no_part_of_the_path(submit: Submit, stored_files: StoredFiles) -> None:
    uploads = [SimpleUploadedFile(name, b"x") for name in ("CON", "a:b?.txt", "A.txt", "a.txt")]
    submit("/notes/new/", {"title": "T", "uploads": uploads})
    assert all(path.name.isalnum() and len(path.name) == 32 for path in stored_files())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_files_are_private(submit: Submit, stored_files: StoredFiles) -> None:
    submit("/notes/new/", {"title": "T", "uploads": SimpleUploadedFile("a", b"x")})
    [path] = stored_files()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "claimed", ["nonsense", "text/plain\r\nX-Evil: 1", "", "a/" + "b" * 200, "täxt/plain"]
)
def test_a_content_type_that_can_not_be_sent_back_is_replaced(
    client: Client, make_note: MakeNote, claimed: str
) -> None:
    upload = SimpleUploadedFile("a", b"x", content_type=claimed)
    form = NoteForm(
        QueryDict("title=T"), MultiValueDict({"uploads": [upload]}), instance=make_note()
    )
    assert form.is_valid()
    save_note(form)
    headers, _ = download(client, Attachment.objects.get())
    assert headers["Content-Type"] == "application/octet-stream"


def test_a_page_is_sent_as_a_file_and_never_shown(client: Client, submit: Submit) -> None:
    upload = SimpleUploadedFile("x.html", b"<script>1</script>", content_type="text/html")
    submit("/notes/new/", {"title": "T", "uploads": upload})
    headers, _ = download(client, Attachment.objects.get())
    assert headers["Content-Disposition"].startswith("attachment")
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_file_that_vanished_is_explained(
    client: Client, make_note: MakeNote, attach: Attach
) -> None:
    attachment = attach(make_note(), "Küche.pdf")
    attachment.file.storage.delete(str(attachment.file.name))
    response = client.get(attachment.get_absolute_url())
    assert response.status_code == 404
    assert "Küche.pdf" in response.content.decode()
    assert "no longer in the data folder" in response.content.decode()


def test_an_attachment_that_is_not_there(client: Client) -> None:
    assert client.get("/attachments/9/").status_code == 404
    assert client.post("/attachments/9/").status_code == 405


def test_a_browser_s_own_encoding_of_names_is_understood(client: Client) -> None:
    """What Chromium sends: raw UTF-8 in the name, a quotation mark as %22."""
    body = BytesIO()
    for header, content in (
        ('name="title"', b"T"),
        ('name="uploads"; filename="Grundri\u00df %22K\u00fcche%22.pdf"', b"pdf"),
    ):
        body.write(f"--edge\r\nContent-Disposition: form-data; {header}\r\n\r\n".encode())
        body.write(content + b"\r\n")
    body.write(b"--edge--\r\n")
    response = client.post(
        "/notes/new/", body.getvalue(), content_type="multipart/form-data; boundary=edge"
    )
    assert response.status_code == 302
    assert Note.objects.get().attachments.get().name.startswith("Grundriß")
