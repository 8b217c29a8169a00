"""What this application is made of, for the page that support asks a user to read out."""

import platform
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

DEFAULT_NAME = "DJDesk Notes"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the page."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together, under a heading."""

    heading: str
    facts: tuple[Fact, ...]


def bundle_facts() -> Mapping[str, str]:
    """Return what the desktop runtime says of its bundle; empty when there is none.

    Keys: ``name``, ``version``, ``revision``, ``target``, ``data_dir``, ``python_provider``.
    """
    facts: Mapping[str, object] = getattr(settings, "DJDESK", {})
    return {key: str(value) for key, value in facts.items() if value}


def application(request: HttpRequest) -> dict[str, str]:
    """Give every template the name of the application."""
    del request
    return {"application_name": bundle_facts().get("name", DEFAULT_NAME)}


def about_groups() -> list[Group]:
    """Return everything the page says."""
    bundle = bundle_facts()
    unknown = _("not recorded in this bundle") if bundle else _("none, running from source")
    machine = f"{platform.system()} {platform.machine()}"
    return [
        Group(
            _("Bundle"),
            (
                Fact(_("Version"), bundle.get("version", unknown)),
                Fact(_("Revision"), bundle.get("revision", unknown)),
                Fact(_("Target"), bundle.get("target", unknown)),
                Fact(_("This computer"), machine),
            ),
        ),
        Group(
            _("Inside"),
            (
                Fact(_("Python"), platform.python_version()),
                Fact(_("Python from"), bundle.get("python_provider", unknown)),
                Fact(_("Django"), django.get_version()),
                Fact(_("SQLite"), sqlite3.sqlite_version),
            ),
        ),
        Group(
            _("Your data"),
            (Fact(_("Data folder"), bundle.get("data_dir", str(settings.DATA_DIR))),),
        ),
    ]


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Show versions and places."""
    return render(request, "notes/about.html", {"groups": about_groups()})
