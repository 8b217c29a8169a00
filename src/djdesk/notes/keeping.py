"""Keep notes and the files of their attachments in step.

A file is stored before the row that names it, and deleted after the row's deletion has been
committed: at no moment does a row name a file that is not there.
"""

import logging
import re
from collections.abc import Iterable
from functools import partial

from django.core.files.storage import Storage, default_storage
from django.db import transaction
from django.utils import timezone

from djdesk.notes.forms import NoteForm, Upload
from djdesk.notes.models import CONTENT_TYPE_CHARACTERS, Attachment, Note, storage_path

logger = logging.getLogger(__name__)

# RFC 6838, section 4.2: what a type and a subtype may consist of.
CONTENT_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*", re.ASCII)
UNKNOWN_CONTENT_TYPE = "application/octet-stream"


@transaction.atomic
def save_note(form: NoteForm) -> Note:
    """Write a valid form: the note, the files it adds and those it removes.

    Raises OSError when a file cannot be stored; then nothing has changed.
    """
    form.instance.updated = timezone.now()
    note = form.save()
    for attachment in form.cleaned_data.get("remove", ()):
        delete_attachment(attachment)
    _attach(note, form.cleaned_data["uploads"])
    return note


@transaction.atomic
def delete_note(note: Note) -> None:
    """Delete a note, its attachments and their files."""
    for attachment in note.attachments.all():
        delete_attachment(attachment)
    note.delete()


@transaction.atomic
def delete_attachment(attachment: Attachment) -> None:
    """Delete an attachment and its file."""
    file = attachment.file
    attachment.delete()
    transaction.on_commit(partial(_delete_file, file.storage, str(file.name)))


def _attach(note: Note, uploads: Iterable[Upload]) -> None:
    stored: list[str] = []
    try:
        for upload in uploads:
            attachment = Attachment(
                note=note,
                name=upload.name or "",
                size=upload.size or 0,
                content_type=_content_type(upload),
            )
            stored.append(default_storage.save(storage_path(attachment, attachment.name), upload))
            attachment.file = stored[-1]
            attachment.save()
    except BaseException:
        for name in stored:
            _delete_file(default_storage, name)
        raise


def _content_type(upload: Upload) -> str:
    """Return what the browser claims, if it can be sent back in a header."""
    claimed = upload.content_type or ""
    fits = len(claimed) <= CONTENT_TYPE_CHARACTERS and CONTENT_TYPE.fullmatch(claimed)
    return claimed if fits else UNKNOWN_CONTENT_TYPE


def _delete_file(storage: Storage, name: str) -> None:
    """Delete a file that nothing refers to; one that is in use stays, and the log says so."""
    try:
        storage.delete(name)
    except OSError as error:
        logger.warning("The file %s of a deleted attachment stays: %s", name, error)
