from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from djdesk_runtime.project.settings_paths import settings_paths

BASE = Path(__file__).resolve().parent


def test_paths_are_found_at_any_depth() -> None:
    loop: list[Any] = []
    loop.append(loop)
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates", "relative"],
        "OPTIONS": {"file": str(BASE / "engine.txt"), "name": "no path"},
    }
    settings = SimpleNamespace(
        TEMPLATES=[engine],
        STATICFILES_DIRS=[("prefix", BASE / "prefixed"), BASE / "static"],
        LOCALE_PATHS=("locale",),
        FIXTURE_DIRS={BASE / "fixtures"},
        WEBPACK_LOADER={"DEFAULT": {"STATS_FILE": str(BASE / "stats.json"), "POLL": 0.1}},
        ROOT_URLCONF="garden.urls",
        LOOP=loop,
        BYTES=b"/x",
        lower=str(BASE),
    )
    found = settings_paths(settings)
    templates = {str(BASE / "templates"), "relative", str(BASE / "engine.txt")}
    assert set(found.pop("TEMPLATES")) == templates
    assert found == {
        "STATICFILES_DIRS": [str(BASE / "prefixed"), str(BASE / "static")],
        "LOCALE_PATHS": ["locale"],
        "FIXTURE_DIRS": [str(BASE / "fixtures")],
        "WEBPACK_LOADER": [str(BASE / "stats.json")],
    }


def test_a_setting_that_cannot_be_read_is_passed_over() -> None:
    class Settings:
        FIXTURE_DIRS = ("fixtures",)

        @property
        def BROKEN(self) -> str:  # noqa: N802 - the name of a setting
            raise RuntimeError

    assert settings_paths(Settings()) == {"FIXTURE_DIRS": ["fixtures"]}
