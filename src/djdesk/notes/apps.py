"""The application as Django's registry knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotesConfig(AppConfig):
    """Notes with attached files."""

    name = "djdesk.notes"
    verbose_name = _("Notes")
