"""What may be typed into a note, and which files may be attached to it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from djdesk.notes import limits
from djdesk.notes.models import Attachment, Note

# A browser sends every file as bytes.
type Upload = UploadedFile[bytes]

if TYPE_CHECKING:
    NoteModelForm = forms.ModelForm[Note]
else:
    # Only the stubs know that a form belongs to a model.
    NoteModelForm = forms.ModelForm


class ManyFilesInput(forms.FileInput):
    """A file input in which several files can be chosen."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of uploaded files; cleans to a list, which may be empty."""

    widget = ManyFilesInput

    def clean(self, data: Sequence[Upload] | None, initial: object = None) -> list[Upload]:
        """Return the files; raise ValidationError with one message for each bad one."""
        uploads = list(data or [])
        if len(uploads) > limits.FILES_AT_ONCE:
            raise ValidationError(
                ngettext(
                    "Attach at most %(limit)d file at a time; you chose %(count)d.",
                    "Attach at most %(limit)d files at a time; you chose %(count)d.",
                    limits.FILES_AT_ONCE,
                ),
                code="too_many",
                params={"limit": limits.FILES_AT_ONCE, "count": len(uploads)},
            )
        errors = [error for upload in uploads for error in self._errors_of(upload, initial)]
        if errors:
            raise ValidationError(errors)
        return uploads

    def _errors_of(self, upload: Upload, initial: object) -> list[ValidationError]:
        try:
            super().clean(upload, initial)
        except ValidationError as error:
            return [ValidationError(f"{upload.name}: {text}") for text in error.messages]
        size = upload.size or 0
        if size > limits.FILE_BYTES:
            message = _("%(name)s is too large (%(size)s). A file may have up to %(limit)s.")
            params = {
                "name": upload.name,
                "size": filesizeformat(size),
                "limit": filesizeformat(limits.FILE_BYTES),
            }
            return [ValidationError(message, code="too_large", params=params)]
        return []


class NoteForm(NoteModelForm):
    """A note with files to add and, once it has some, files to remove."""

    text = forms.CharField(
        label=_("Text"),
        required=False,
        # Spaces at the beginning of the first line are part of what was written.
        strip=False,
        max_length=limits.TEXT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    remove = forms.ModelMultipleChoiceField(
        label=_("Remove attached files"),
        queryset=Attachment.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    uploads = ManyFilesField(label=_("Attach files"), required=False)

    class Meta:
        """The part of the form that is the note itself."""

        model = Note
        fields = ["title", "text"]
        labels = {"title": _("Title")}
        error_messages = {"title": {"required": _("Give the note a title.")}}

    field_order = ["title", "text", "remove", "uploads"]

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Upload] | None = None,
        *,
        instance: Note | None = None,
    ) -> None:
        super().__init__(data, files, instance=instance, label_suffix="")
        self.fields["uploads"].help_text = _(
            "Up to %(count)d at a time, %(size)s each. Drop them here or choose them."
        ) % {"count": limits.FILES_AT_ONCE, "size": filesizeformat(limits.FILE_BYTES)}
        attachments = Attachment.objects.filter(note=self.instance.pk)
        removable = self.fields.pop("remove")
        if isinstance(removable, forms.ModelMultipleChoiceField) and attachments.exists():
            removable.queryset = attachments
            self.fields["remove"] = removable
            self.order_fields(self.field_order)

    def clean_text(self) -> str:
        """Return the text with the line ends of Python, not those of HTTP."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n")
