"""Settings of static files: each that the overlay touches, or that depends on one it touches."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.project import static_headers
from djdesk_runtime.project.overlay import Surroundings, overlay
from djdesk_runtime.project.static_files import former_storages
from djdesk_runtime.project.static_headers import (
    add_headers,
    immutable_file_test,
)
from tests.unit.djdesk_runtime.project.test_overlay import BUNDLE

if TYPE_CHECKING:
    from djdesk_runtime.project.static_headers import AddHeaders, IsImmutable

FILE_STORAGE = "django.core.files.storage.FileSystemStorage"


def desktop(root: Path, **project: object) -> dict[str, Any]:
    bundle = replace(BUNDLE, root=root)
    return overlay(project, Surroundings(bundle, DataFolder(root / "data"), bundle.static, "key"))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("WHITENOISE_AUTOREFRESH", True, False),
        ("WHITENOISE_USE_FINDERS", True, False),
        ("WHITENOISE_ALLOW_ALL_ORIGINS", True, False),
        ("WHITENOISE_MAX_AGE", 31536000, 0),
        ("WHITENOISE_STATIC_PREFIX", "/elsewhere/", "/static/"),
        ("WHITENOISE_INDEX_FILE", True, True),
        ("WHITENOISE_MIMETYPES", {".x": "a/b"}, {".x": "a/b"}),
        ("WHITENOISE_CHARSET", "latin-1", "latin-1"),
        ("WHITENOISE_MANIFEST_STRICT", False, False),
        ("WHITENOISE_KEEP_ONLY_HASHED_FILES", True, True),
        ("WHITENOISE_SKIP_COMPRESS_EXTENSIONS", ["css"], ["css"]),
        ("SESSION_CACHE_ALIAS", "sessions", "sessions"),
        ("SESSION_ENGINE", "django.contrib.sessions.backends.cached_db", None),
    ],
)
def test_setting(tmp_path: Path, name: str, value: object, expected: object) -> None:
    assert desktop(tmp_path, **{name: value})[name] == (value if expected is None else expected)


@pytest.mark.parametrize("url", ["https://cdn.example.com/s/", "assets/", "/a/b/"])
def test_files_are_served_where_their_addresses_lead(tmp_path: Path, url: str) -> None:
    settings = desktop(tmp_path, STATIC_URL=url, WHITENOISE_STATIC_PREFIX="/x/")
    assert settings["WHITENOISE_STATIC_PREFIX"] == settings["STATIC_URL"]


@pytest.mark.parametrize(
    ("static_root", "root", "expected"),
    [
        ("/srv/static", "/srv/static/root", "static/root"),
        ("/srv/static", Path("/srv/static"), "static"),
        ("{app}/static", "{app}/static/site/root", "static/site/root"),
        ("staticfiles", "staticfiles/root", "static/root"),
        ("staticfiles", "{app}/staticfiles/root", "static/root"),
        ("/srv/static", "{app}/public", "app/public"),
        (None, "public", "app/public"),
        ("/srv/static", "/srv/static-root", None),
        ("/srv/static", "../../outside", None),
        (None, "/srv/www", None),
    ],
)
def test_files_at_the_root_are_those_of_the_bundle(
    tmp_path: Path, static_root: str | None, root: str | Path, expected: str | None
) -> None:
    places = {"app": tmp_path / "app"}
    named = Path(str(root).format(**places)) if isinstance(root, Path) else root.format(**places)
    own = static_root.format(**places) if static_root else None
    found = desktop(tmp_path, STATIC_ROOT=own, WHITENOISE_ROOT=named)["WHITENOISE_ROOT"]
    assert found == (None if expected is None else str(tmp_path / expected))


def test_project_without_files_at_the_root_gets_none(tmp_path: Path) -> None:
    assert "WHITENOISE_ROOT" not in desktop(tmp_path)


@pytest.mark.parametrize("version", [(4, 2, 30), (5, 0, 14)])
def test_former_names_count_where_django_heeds_them(version: tuple[Any, ...]) -> None:
    settings = {"DEFAULT_FILE_STORAGE": "a.B", "STATICFILES_STORAGE": "c.D"}
    expected = {"default": {"BACKEND": "a.B"}, "staticfiles": {"BACKEND": "c.D"}}
    assert former_storages(settings, version) == expected
    assert former_storages({**settings, "STORAGES": {}}, version) == {}


def test_former_names_are_nothing_to_a_newer_django_and_never_beside_the_new_one(
    tmp_path: Path,
) -> None:
    settings = desktop(tmp_path, DEFAULT_FILE_STORAGE="a.B", STATICFILES_STORAGE="c.D")
    assert settings["STORAGES"]["default"]["BACKEND"] == FILE_STORAGE
    assert settings["STORAGES"]["staticfiles"]["OPTIONS"]["own"] == ""
    assert not {"DEFAULT_FILE_STORAGE", "STATICFILES_STORAGE"} & settings.keys()


# Headers


def headers_of(add: AddHeaders, *given: tuple[str, str]) -> dict[str, str]:
    headers = Headers([*given])
    add(headers, "/bundle/static/x.css", "/static/x.css")
    return dict(headers.items())


def test_headers_of_the_project_come_first_and_then_ours() -> None:
    def own(headers: Headers, path: str, url: str) -> None:
        headers["X-Place"] = f"{path} {url}"
        headers["Cache-Control"] = "max-age=99"

    added = headers_of(add_headers(own))
    assert added == {"X-Place": "/bundle/static/x.css /static/x.css", "Cache-Control": "no-store"}


def test_immutable_files_are_kept() -> None:
    immutable = ("Cache-Control", "max-age=1, public, immutable")
    assert headers_of(add_headers(None), immutable) == dict([immutable])
    assert headers_of(add_headers(None)) == {"Cache-Control": "no-store"}


def _by_path(path: str, url: str) -> bool:
    return path.endswith("/built.js") and url == "/static/built.js"


@pytest.mark.parametrize(
    ("own", "immutable"),
    [
        (None, ["hashed"]),
        (r"/built\.js$", ["hashed", "built"]),
        (re.compile(r"^/static/b"), ["hashed", "built"]),
        (_by_path, ["hashed", "built"]),
        ("nothing", ["hashed"]),
    ],
)
def test_immutable_is_what_has_a_hash_or_the_project_says(
    monkeypatch: pytest.MonkeyPatch, own: IsImmutable | str | None, immutable: list[str]
) -> None:
    hashed = frozenset({Path("/bundle/static/site.0123.css")})
    monkeypatch.setattr(static_headers, "hashed_files", lambda: hashed)
    names = {"hashed": "site.0123.css", "plain": "site.css", "built": "built.js"}
    test = immutable_file_test(own)
    found = [
        key for key, name in names.items() if test(f"/bundle/static/{name}", f"/static/{name}")
    ]
    assert found == immutable


def test_settings_of_caches_are_kept(tmp_path: Path) -> None:
    cache = {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": "/x",
        "KEY_PREFIX": "p",
        "VERSION": 3,
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 9},
    }
    caches = desktop(tmp_path, CACHES={"default": cache, "staticfiles": cache})["CACHES"]
    assert {**caches["default"], "LOCATION": "/x"} == cache
    assert caches["default"]["LOCATION"] != caches["staticfiles"]["LOCATION"]
    assert json.dumps(caches["staticfiles"]["OPTIONS"]) == '{"MAX_ENTRIES": 9}'
