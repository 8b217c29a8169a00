"""The addresses of the notes."""

from django.urls import path

from djdesk.notes import about, views

app_name = "notes"

urlpatterns = [
    path("", views.note_list, name="list"),
    path("notes/new/", views.note_create, name="create"),
    path("notes/<int:pk>/", views.note_detail, name="detail"),
    path("notes/<int:pk>/edit/", views.note_edit, name="edit"),
    path("notes/<int:pk>/delete/", views.note_delete, name="delete"),
    path("attachments/<int:pk>/", views.download, name="download"),
    path("about/", about.about, name="about"),
]
