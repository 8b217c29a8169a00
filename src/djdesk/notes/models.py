"""A note and the files attached to it."""

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models.base import ModelBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from djdesk.notes.limits import TITLE_CHARACTERS
from djdesk.notes.search import fold

FILE_NAME_CHARACTERS = 255
CONTENT_TYPE_CHARACTERS = 100
NEWEST_FIRST = ("-updated", "-pk")


class Note(models.Model):
    """A title and a plain text."""

    title = models.CharField(_("title"), max_length=TITLE_CHARACTERS)
    text = models.TextField(_("text"), blank=True)
    folded = models.TextField(editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        """The note touched last comes first."""

        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = NEWEST_FIRST
        indexes = [models.Index(fields=["-updated", "-id"], name="note_newest_first")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the note's page."""
        return reverse("notes:detail", args=[self.pk])

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Write the note together with the copy of it that is searched."""
        self.folded = fold(f"{self.title}\n{self.text}")
        super().save(
            force_insert=force_insert,
            force_update=force_update,
            using=using,
            update_fields=None if update_fields is None else {*update_fields, "folded"},
        )


def storage_path(attachment: models.Model, filename: str) -> str:
    """Return a fresh place in the media folder.

    It says nothing of the user's ``filename``, which may be illegal on the next file system
    or differ from another one only in case.
    """
    del attachment, filename
    return f"attachments/{timezone.now():%Y/%m}/{uuid.uuid4().hex}"


class Attachment(models.Model):
    """A file that belongs to a note, under the name that the user gave it."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to=storage_path)
    name = models.CharField(_("name"), max_length=FILE_NAME_CHARACTERS)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    content_type = models.CharField(_("content type"), max_length=CONTENT_TYPE_CHARACTERS)
    uploaded = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)

    class Meta:
        """Attachments stay in the order in which they came."""

        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address that downloads the file."""
        return reverse("notes:download", args=[self.pk])
