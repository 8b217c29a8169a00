import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import gettext_lazy

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.reports import settings_summary
from djdesk_runtime.reports.masking import MASK
from djdesk_runtime.reports.settings_summary import plain, settings_in_use
from tests.unit.djdesk_runtime.made_bundle import changed_bundle


class Careless:
    def __repr__(self) -> str:
        raise ValueError("no")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "abc", MASK),
        ("STRIPE_API_KEY", b"abc", MASK),
        ("SENTRY_DSN", "https://key@sentry.example/1", MASK),
        ("HASH_SALT", "pepper", MASK),
        ("MAIL_CREDENTIALS", {"user": "a", "word": "b"}, MASK),
        ("SIGNING_KEYS", ["a", "b"], MASK),
        ("PIN_PASSCODE", 1234, MASK),
        ("EMAIL_HOST_PASSWORD", "", ""),
        ("USE_TOKENS", False, False),
        ("API_URL", None, None),
        ("DATABASES", {"default": {"NAME": "x", "PASSWORD": "y"}},
         {"default": {"NAME": "x", "PASSWORD": MASK}}),
        ("CACHES", {"default": {"LOCATION": ["redis://:pw@host/1", "redis://host/2"]}},
         {"default": {"LOCATION": [f"redis://{MASK}@host/1", "redis://host/2"]}}),
        ("DEBUG", False, False),
        ("APPEND_SLASH", 1, 1),
        ("RATIO", 0.5, 0.5),
        ("BASE_DIR", Path("a/b"), str(Path("a/b"))),
        ("LANGUAGES", [("en", gettext_lazy("English"))], [["en", "English"]]),
        ("AGE", dt.timedelta(days=1), "datetime.timedelta(days=1)"),
        ("NAMES", frozenset({"a"}), ["a"]),
        ("ODD", {1: Careless()}, {"1": "<Careless that cannot be shown: ValueError>"}),
        ("TEXT", {"redis://:pw@host": 1}, {f"redis://{MASK}@host": 1}),
    ],
)  # fmt: skip
def test_values_become_plain_and_without_secrets(name: str, value: Any, expected: object) -> None:  # noqa: ANN401 - whatever a project writes
    assert plain(name, value) == expected
    json.dumps(plain(name, value))


def test_settings_of_a_bundle(bundle: Path, tmp_path: Path) -> None:
    data = DataFolder(tmp_path / 'data "here"')
    summary: Any = settings_in_use(bundle, data)
    assert summary["DEBUG"] is False
    assert summary["ROOT_URLCONF"] == "tiny.urls"
    assert summary["SECRET_KEY"] == MASK
    assert summary["MEDIA_ROOT"] == str(data.media)
    assert summary["DATABASES"]["default"]["NAME"] == str(data.root / "db.sqlite3")
    assert "EMAIL_HOST" not in summary, "Django's defaults are no news"
    assert not any(tmp_path.iterdir())


# What a project does while it is imported, and what is said then.
BROKEN = {
    "raises": ("1 / 0\n", "ZeroDivisionError"),
    "app": ("INSTALLED_APPS = ['no_such_app']\n", "No module named 'no_such_app'"),
    "exits": ("import sys\nsys.exit('gone')\n", "gone"),
    "dies": ("import os\nos.abort()\n", "Fatal Python error: Aborted"),
    "leaves": ("import os\nos._exit(0)\n", "ended with 0"),
}


@pytest.mark.parametrize(("settings", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_project_is_told_as_such(
    bundle: Path, tmp_path: Path, settings: str, words: str
) -> None:
    copy = changed_bundle(bundle, tmp_path, "app/src/tiny/settings.py", settings)
    summary: Any = settings_in_use(copy, DataFolder(tmp_path / "data"))
    assert "broken" in summary
    assert words in json.dumps(summary)


def test_a_project_that_hangs_is_not_waited_for(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = "import threading\nthreading.Event().wait()\n"
    copy = changed_bundle(bundle, tmp_path, "app/src/tiny/settings.py", hangs)
    monkeypatch.setattr(settings_summary, "LIMIT_SECONDS", 1)
    summary: Any = settings_in_use(copy, DataFolder(tmp_path / "data"))
    assert summary["broken"] == "the project was not loaded after 1 seconds"
