import platform
import sqlite3

import django
import pytest
from django.conf import settings as configured
from django.test import Client
from pytest_django import Settings

from djdesk.notes.about import about_groups
from tests.unit.djdesk.markup import Page

BUNDLE = {
    "name": "Field Notes",
    "version": "4.5.6",
    "revision": "g1a2b3c4",
    "target": "macos-arm64",
    "data_dir": "/Users/zoë/Library/Application Support/Field Notes",
    "python_provider": "python-build-standalone",
}


def facts_on(client: Client) -> dict[str, str]:
    page = Page(client.get("/about/").content.decode())
    return dict(zip(page.texts("dt"), page.texts("dd"), strict=True))


def test_from_source_nothing_is_claimed_about_a_bundle(client: Client, settings: Settings) -> None:
    if hasattr(settings, "DJDESK"):
        del settings.DJDESK
    unknown = "none, running from source"
    assert facts_on(client) == {
        "Version": unknown,
        "Revision": unknown,
        "Target": unknown,
        "This computer": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Python from": unknown,
        "Django": django.get_version(),
        "SQLite": sqlite3.sqlite_version,
        "Data folder": str(configured.DATA_DIR),
    }


def test_in_a_bundle_the_runtime_s_facts_are_shown(client: Client, settings: Settings) -> None:
    settings.DJDESK = BUNDLE
    facts = facts_on(client)
    assert facts["Version"] == "4.5.6"
    assert facts["Revision"] == "g1a2b3c4"
    assert facts["Target"] == "macos-arm64"
    assert facts["Python from"] == "python-build-standalone"
    assert facts["Data folder"] == BUNDLE["data_dir"]


def test_every_page_carries_the_bundle_s_name(client: Client, settings: Settings) -> None:
    settings.DJDESK = BUNDLE
    page = Page(client.get("/about/").content.decode())
    assert page.texts("title") == ["About this application · Field Notes"]
    assert "Field Notes" in page.texts("a")


@pytest.mark.parametrize("missing", sorted(BUNDLE))
def test_a_bundle_that_does_not_know_something_says_so(settings: Settings, missing: str) -> None:
    settings.DJDESK = BUNDLE | {missing: None}
    values = [fact.value for group in about_groups() for fact in group.facts]
    expected = 0 if missing in ("name", "data_dir") else 1
    assert values.count("not recorded in this bundle") == expected


def test_a_path_given_as_one_is_shown_as_text(settings: Settings) -> None:
    settings.DJDESK = BUNDLE | {"data_dir": configured.DATA_DIR}
    values = [fact.value for group in about_groups() for fact in group.facts]
    assert str(configured.DATA_DIR) in values
