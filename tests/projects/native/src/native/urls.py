from importlib import import_module

from django.http import HttpRequest, HttpResponse
from django.urls import path


def home(request: HttpRequest) -> HttpResponse:
    """Show text that a compiled module has escaped; fails where it cannot be loaded."""
    speedups = import_module("markupsafe._speedups")
    return HttpResponse(speedups._escape_inner("<native>"))


urlpatterns = [path("", home)]
