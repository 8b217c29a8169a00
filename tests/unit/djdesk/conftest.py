"""Every test of the example project has its own media folder, and notes to look at."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from djdesk.notes.models import Attachment, Note
from tests.unit.djdesk.fixture_types import Attach, MakeNote, StoredFiles, Submit


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = folder
    return folder


@pytest.fixture
def make_note(db: None) -> MakeNote:
    def make(title: str = "A note", text: str = "Some text", *, days_old: float = 0) -> Note:
        moment = timezone.now() - timedelta(days=days_old)
        return Note.objects.create(title=title, text=text, created=moment, updated=moment)

    return make


@pytest.fixture
def attach(db: None) -> Attach:
    def make(note: Note, name: str = "report.txt", content: bytes = b"content") -> Attachment:
        return Attachment.objects.create(
            note=note,
            file=SimpleUploadedFile("ignored", content),
            name=name,
            size=len(content),
            content_type="text/plain",
        )

    return make


@pytest.fixture
def submit(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Submit:
    """POST a form that is expected to succeed, commit, and return where it leads."""

    def post(url: str, data: dict[str, object] | None = None) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(url, data or {})
        assert response.status_code == 302, response.content.decode()
        return str(response.headers["Location"])

    return post


@pytest.fixture
def stored_files(media: Path) -> StoredFiles:
    return lambda: sorted(path for path in media.rglob("*") if path.is_file())
