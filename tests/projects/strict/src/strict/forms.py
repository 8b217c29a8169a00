from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile


class PictureForm(forms.Form):
    """Takes pictures only, and wants much more."""

    picture = forms.FileField()
    kind = forms.ChoiceField(choices=[("", "---"), ("a", "A"), ("b", "B")])
    taken = forms.DateField()
    agreed = forms.BooleanField()
    captcha = forms.CharField()

    def clean_picture(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["picture"]
        if not file.read(8) == b"\x89PNG\r\n\x1a\n":
            raise forms.ValidationError("This is not a picture.")
        return file

    def clean_captcha(self) -> str:
        raise forms.ValidationError("You are a robot.")


class ImportForm(forms.Form):
    """Counts the lines of a file, and keeps nothing of it."""

    file = forms.FileField()
