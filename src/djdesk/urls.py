"""All addresses of the project."""

from django.urls import include, path

urlpatterns = [path("", include("djdesk.notes.urls"))]
