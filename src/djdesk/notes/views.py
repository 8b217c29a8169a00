"""The pages of the notes."""

import logging

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_safe

from djdesk.notes.forms import NoteForm
from djdesk.notes.keeping import delete_note, save_note
from djdesk.notes.limits import NOTES_ON_A_PAGE, QUERY_CHARACTERS
from djdesk.notes.models import Attachment, Note
from djdesk.notes.search import matching, words_of

logger = logging.getLogger(__name__)

# The form's script asks before the page is left with something unsaved.
with_script = csp_override({**settings.SECURE_CSP, "script-src": [CSP.SELF]})
show_or_submit = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def note_list(request: HttpRequest) -> HttpResponse:
    """Show the notes, newest first; with ``?q=`` those that contain all of its words."""
    query = request.GET.get("q", "").strip()[:QUERY_CHARACTERS]
    words = words_of(query)
    # The attachments of the notes that are shown are counted, and of no others.
    notes = matching(Note.objects.prefetch_related("attachments"), words)
    page = Paginator(notes, NOTES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "page_numbers": page.paginator.get_elided_page_range(page.number, on_each_side=2),
        "query": query,
        "words": words,
    }
    return render(request, "notes/list.html", context)


@require_safe
def note_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one note and its attachments."""
    return render(request, "notes/detail.html", {"note": get_object_or_404(Note, pk=pk)})


@with_script
@show_or_submit
def note_create(request: HttpRequest) -> HttpResponse:
    """Write a new note."""
    return _form_page(request, note=None, done=_("The note has been saved."))


@with_script
@show_or_submit
def note_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a note."""
    note = get_object_or_404(Note, pk=pk)
    return _form_page(request, note=note, done=_("Your changes have been saved."))


def _form_page(request: HttpRequest, *, note: Note | None, done: str) -> HttpResponse:
    if request.method != "POST":
        return _show_form(request, NoteForm(instance=note), note)
    form = NoteForm(request.POST, request.FILES, instance=note)
    if not form.is_valid():
        return _show_form(request, form, note)
    try:
        saved = save_note(form)
    except OSError as error:
        logger.exception("A note's files could not be stored")
        reason = error.strerror or str(error)
        form.add_error("uploads", _("The files could not be stored: %s.") % reason)
        return _show_form(request, form, note)
    messages.success(request, done)
    return redirect(saved)


def _show_form(request: HttpRequest, form: NoteForm, note: Note | None) -> HttpResponse:
    return render(request, "notes/form.html", {"form": form, "note": note})


@show_or_submit
def note_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete a note with everything attached to it."""
    note = get_object_or_404(Note, pk=pk)
    if request.method != "POST":
        return render(request, "notes/delete.html", {"note": note})
    title = note.title
    delete_note(note)
    messages.success(request, _("“%s” has been deleted.") % title)
    return redirect("notes:list")


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send an attached file under its own name, to be saved and never to be displayed."""
    attachment = get_object_or_404(Attachment, pk=pk)
    try:
        file = attachment.file.open("rb")
    except FileNotFoundError:
        logger.warning("The file of attachment %s is missing: %s", pk, attachment.file.name)
        return render(request, "notes/missing_file.html", {"attachment": attachment}, status=404)
    return FileResponse(
        file, as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
