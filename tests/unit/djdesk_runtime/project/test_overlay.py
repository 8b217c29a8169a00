from pathlib import Path
from typing import Any

import pytest

from djdesk_runtime.bundle_info import BundleInfo
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.project.overlay import (
    HTTPS_CHECKS,
    MEDIA_MIDDLEWARE,
    RESPONSE_MIDDLEWARE,
    SECURITY_MIDDLEWARE,
    STATIC_MIDDLEWARE,
    WHITENOISE_MIDDLEWARE,
    Surroundings,
    overlay,
)
from djdesk_runtime.project.static_files import STATIC_STORAGE, local_url

DATA = Path("data")
FILE_STORAGE = "django.core.files.storage.FileSystemStorage"
FILE_CACHE = "django.core.cache.backends.filebased.FileBasedCache"

BUNDLE = BundleInfo(
    root=Path("bundle"),
    name="Notes",
    identifier="org.Example.my-notes",
    version="1.0",
    revision="g12",
    target="linux-x86_64",
    python_version="3.14.10",
    python_provider="test",
    settings_module="notes.settings",
    source_roots=("app",),
)
SURROUNDINGS = Surroundings(BUNDLE, DataFolder(DATA), Path("bundle/static"), "the key")


def desktop(**project: object) -> dict[str, Any]:
    return overlay(project, SURROUNDINGS)


PRIVATE = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}


@pytest.mark.parametrize(
    ("name", "project", "expected"),
    [
        ("DEBUG", True, False),
        ("SECRET_KEY", "published", "the key"),
        ("SECRET_KEY_FALLBACKS", ["older"], []),
        ("ALLOWED_HOSTS", ["*"], ["127.0.0.1"]),
        ("CSRF_TRUSTED_ORIGINS", ["https://example.com"], []),
        ("SECURE_SSL_REDIRECT", True, False),
        ("SECURE_HSTS_SECONDS", 31536000, 0),
        ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https"), None),
        ("USE_X_FORWARDED_HOST", True, False),
        ("FORCE_SCRIPT_NAME", "/site", None),
        ("SESSION_COOKIE_SECURE", True, False),
        ("CSRF_COOKIE_SECURE", True, False),
        ("SESSION_COOKIE_DOMAIN", ".example.com", None),
        ("SESSION_COOKIE_HTTPONLY", False, True),
        ("SESSION_COOKIE_SAMESITE", "None", "Lax"),
        ("SESSION_COOKIE_SAMESITE", False, "Lax"),
        ("SESSION_COOKIE_SAMESITE", "Strict", "Strict"),
        ("SESSION_COOKIE_NAME", "sid", "org_example_my_notes_sid"),
        ("STATIC_URL", "https://cdn.example.com/static/", "/static/"),
        ("STATIC_URL", "assets/", "/assets/"),
        ("STATIC_ROOT", "/srv/static", str(Path("bundle/static"))),
        ("MEDIA_ROOT", "/srv/media", str(DATA / "media")),
        ("MEDIA_ROOT", Path("/srv/media"), DATA / "media"),
        ("MEDIA_URL", "https://cdn.example.com/media/", "/media/"),
        ("MEDIA_URL", "https://cdn.example.com", "/media/"),
        ("MEDIA_URL", "/", ""),
        ("MEDIA_URL", "files/", "/files/"),
        ("WHITENOISE_AUTOREFRESH", True, False),
        ("WHITENOISE_USE_FINDERS", True, False),
        ("ROOT_URLCONF", "notes.urls", "notes.urls"),
        ("EMAIL_HOST", "mail.example.com", "mail.example.com"),
    ],
)
def test_setting(name: str, project: object, expected: object) -> None:
    value = desktop(**{name: project})[name]
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SESSION_COOKIE_NAME", "org_example_my_notes_sessionid"),
        ("CSRF_COOKIE_NAME", "org_example_my_notes_csrftoken"),
        ("LANGUAGE_COOKIE_NAME", "org_example_my_notes_django_language"),
        ("CSRF_COOKIE_SAMESITE", "Lax"),
        ("STATIC_URL", "/static/"),
        ("MEDIA_URL", ""),
        ("MEDIA_ROOT", str(DATA / "media")),
        ("DATABASES", {}),
        (
            "DJDESK",
            {
                "name": "Notes",
                "version": "1.0",
                "revision": "g12",
                "target": "linux-x86_64",
                "data_dir": "data",
                "python_provider": "test",
            },
        ),
    ],
)
def test_setting_of_a_project_that_says_nothing(name: str, expected: object) -> None:
    assert desktop()[name] == expected


def test_project_is_not_changed() -> None:
    middleware = ["a"]
    project = {"MIDDLEWARE": middleware, "STORAGES": {"default": {"BACKEND": "x"}}}
    overlay(project, SURROUNDINGS)
    assert project == {"MIDDLEWARE": ["a"], "STORAGES": {"default": {"BACKEND": "x"}}}
    assert middleware == ["a"]


def test_only_https_checks_are_silenced_beside_the_projects_own() -> None:
    silenced = desktop(SILENCED_SYSTEM_CHECKS=["mine.W001"])["SILENCED_SYSTEM_CHECKS"]
    assert silenced == ["mine.W001", *HTTPS_CHECKS]


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ([], [STATIC_MIDDLEWARE, MEDIA_MIDDLEWARE]),
        (
            [SECURITY_MIDDLEWARE, "b"],
            [SECURITY_MIDDLEWARE, STATIC_MIDDLEWARE, MEDIA_MIDDLEWARE, "b"],
        ),
        (
            ("a", SECURITY_MIDDLEWARE, "b"),
            ["a", SECURITY_MIDDLEWARE, STATIC_MIDDLEWARE, MEDIA_MIDDLEWARE, "b"],
        ),
        (
            [SECURITY_MIDDLEWARE, WHITENOISE_MIDDLEWARE, "b"],
            [SECURITY_MIDDLEWARE, MEDIA_MIDDLEWARE, STATIC_MIDDLEWARE, "b"],
        ),
        (["b"], [STATIC_MIDDLEWARE, MEDIA_MIDDLEWARE, "b"]),
    ],
)
def test_middleware(project: list[str], expected: list[str]) -> None:
    assert desktop(MIDDLEWARE=project, MEDIA_URL="/media/")["MIDDLEWARE"] == [
        RESPONSE_MIDDLEWARE,
        *expected,
    ]


def test_uploads_without_an_address_stay_private() -> None:
    assert desktop(MIDDLEWARE=["a"])["MIDDLEWARE"] == [
        RESPONSE_MIDDLEWARE,
        STATIC_MIDDLEWARE,
        "a",
    ]


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        (None, {"default": {"BACKEND": FILE_STORAGE, "OPTIONS": PRIVATE}}),
        ({"default": {"BACKEND": "remote"}}, {"default": {"BACKEND": "remote"}}),
        (
            {"default": {"BACKEND": FILE_STORAGE, "OPTIONS": {"location": "/x", "base_url": "u"}}},
            {
                "default": {
                    "BACKEND": FILE_STORAGE,
                    "OPTIONS": PRIVATE | {"location": str(DATA / "media"), "base_url": "u"},
                }
            },
        ),
        (
            {"private": {"BACKEND": FILE_STORAGE, "OPTIONS": {"location": "/x"}}},
            {
                "default": {"BACKEND": FILE_STORAGE, "OPTIONS": PRIVATE},
                "private": {
                    "BACKEND": FILE_STORAGE,
                    "OPTIONS": PRIVATE | {"location": str(DATA / "storages" / "private")},
                },
            },
        ),
        (
            {"staticfiles": {"BACKEND": "some.ManifestStorage"}},
            {"default": {"BACKEND": FILE_STORAGE, "OPTIONS": PRIVATE}},
        ),
        (
            {"default": {"BACKEND": FILE_STORAGE, "OPTIONS": {"file_permissions_mode": 0o640}}},
            {
                "default": {
                    "BACKEND": FILE_STORAGE,
                    "OPTIONS": PRIVATE | {"file_permissions_mode": 0o640},
                }
            },
        ),
    ],
)
def test_storages(project: dict[str, Any] | None, expected: dict[str, Any]) -> None:
    storages = desktop(**({} if project is None else {"STORAGES": project}))["STORAGES"]
    own = storages.pop("staticfiles")
    assert own["BACKEND"] == STATIC_STORAGE
    assert own["OPTIONS"]["own"] == (project or {}).get("staticfiles", {}).get("BACKEND", "")
    assert storages == expected


def test_modes_that_the_project_sets_win() -> None:
    settings = desktop(FILE_UPLOAD_PERMISSIONS=0o644)
    assert settings["STORAGES"]["default"]["OPTIONS"] == {"directory_permissions_mode": 0o700}
    assert settings["FILE_UPLOAD_PERMISSIONS"] == 0o644
    assert "FILE_UPLOAD_PERMISSIONS" not in desktop(), "static files are for everybody"


@pytest.mark.parametrize("name", ["logs", "backups", "media", "cache", "shell", "secret_key"])
def test_storage_gets_no_folder_of_the_runtimes_own(name: str) -> None:
    mine = {"BACKEND": FILE_STORAGE, "OPTIONS": {"location": "/x"}}
    storages = desktop(STORAGES={name: mine})["STORAGES"]
    place = Path(storages[name]["OPTIONS"]["location"])
    assert place.is_relative_to(DATA)
    assert place != DATA / name


def test_address_of_uploads_that_are_kept_elsewhere_stays() -> None:
    remote = {"default": {"BACKEND": "storages.backends.s3.S3Storage"}}
    settings = desktop(STORAGES=remote, MEDIA_URL="https://cdn.example.com/media/")
    assert settings["MEDIA_URL"] == "https://cdn.example.com/media/"
    assert MEDIA_MIDDLEWARE not in settings["MIDDLEWARE"]


# Hosted below a path


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SESSION_COOKIE_PATH", "/site", "/"),
        ("SESSION_COOKIE_PATH", "/site/", "/"),
        ("CSRF_COOKIE_PATH", "/site/app", "/app"),
        ("LANGUAGE_COOKIE_PATH", "/sites", "/sites"),
        ("LOGIN_URL", "/site/accounts/login/", "/accounts/login/"),
        ("LOGIN_URL", "accounts:login", "accounts:login"),
        ("LOGIN_REDIRECT_URL", "/site/", "/"),
        ("LOGOUT_REDIRECT_URL", None, None),
        ("STATIC_URL", "/site/static/", "/static/"),
        ("STATIC_URL", "static/", "/static/"),
        ("MEDIA_URL", "/site/media/", "/media/"),
        ("MEDIA_URL", "media/", "/media/"),
        ("FORCE_SCRIPT_NAME", "/site", None),
    ],
)
@pytest.mark.parametrize("prefix", ["/site", "/site/", "site"])
def test_addresses_lose_the_path_below_which_the_site_is_hosted(
    prefix: str, name: str, value: object, expected: object
) -> None:
    assert desktop(**{"FORCE_SCRIPT_NAME": prefix, name: value})[name] == expected


def test_cookie_path_of_the_projects_own_stays() -> None:
    assert desktop(SESSION_COOKIE_PATH="/app/")["SESSION_COOKIE_PATH"] == "/app/"


def test_file_caches_move_and_others_stay() -> None:
    caches = desktop(
        CACHES={
            "default": {"BACKEND": FILE_CACHE, "LOCATION": "/x", "TIMEOUT": 5},
            "memory": {"BACKEND": "memory", "LOCATION": "name"},
        }
    )["CACHES"]
    assert caches == {
        "default": {"BACKEND": FILE_CACHE, "LOCATION": str(DATA / "cache/default"), "TIMEOUT": 5},
        "memory": {"BACKEND": "memory", "LOCATION": "name"},
    }
    assert "CACHES" not in desktop()


def test_databases_move() -> None:
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": "/x/db"}
    moved = desktop(DATABASES={"default": database})["DATABASES"]
    assert moved["default"]["NAME"] == str(DATA / "db.sqlite3")


def test_project_that_configures_logging_by_itself_does() -> None:
    assert "LOGGING" in desktop()
    assert "LOGGING" not in desktop(LOGGING_CONFIG=None)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, None),
        ("", None),
        ("/", None),
        ("media", "/media/"),
        ("/a/b/", "/a/b/"),
        ("//cdn.example.com/m/", None),
        ("https://example.com/m/", None),
    ],
)
def test_local_url(url: str | None, expected: str | None) -> None:
    assert local_url(url) == expected
