from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.project.overlay import Surroundings, overlay
from djdesk_runtime.project.places import (
    FILE_SESSIONS,
    make_folders,
    other_files,
    sessions_folder,
)
from djdesk_runtime.project.working_folder import prepare_working_folder, use_temporary_folder
from tests.unit.djdesk_runtime.project.test_overlay import BUNDLE

FILE_CACHE = "django.core.cache.backends.filebased.FileBasedCache"
MEMORY = "django.core.cache.backends.locmem.LocMemCache"
FILE_MAIL = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A bundle whose project has a file, a folder with one, and an empty folder."""
    root = tmp_path / "bundle"
    for name in ("app/words.txt", "app/shipped/one.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "app" / "empty").mkdir()
    return root


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def desktop(root: Path, data: DataFolder, **project: object) -> dict[str, Any]:
    bundle = replace(BUNDLE, root=root)
    return overlay(project, Surroundings(bundle, data, bundle.static, "the key"))


# Django's settings that name a file or folder to write, and where they lead.
KNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "MEDIA_ROOT": ({"MEDIA_ROOT": "media"}, "media"),
    "FILE_UPLOAD_TEMP_DIR, not set": ({}, "incoming"),
    "FILE_UPLOAD_TEMP_DIR": ({"FILE_UPLOAD_TEMP_DIR": "/srv/tmp"}, "incoming"),
    "SESSION_FILE_PATH": ({"SESSION_FILE_PATH": "/srv/sessions"}, "sessions"),
    "SESSION_FILE_PATH, not set": ({"SESSION_ENGINE": FILE_SESSIONS}, "sessions"),
    "EMAIL_FILE_PATH": ({"EMAIL_FILE_PATH": "mail"}, "mail"),
    "MAILERS": (
        {"MAILERS": {"default": {"BACKEND": FILE_MAIL, "OPTIONS": {"file_path": "mail"}}}},
        "mail/default",
    ),
    "CACHES": (
        {"CACHES": {"default": {"BACKEND": FILE_CACHE, "LOCATION": "/var/tmp/cache"}}},
        "cache/default",
    ),
    "LOGGING": (
        {"LOGGING": {"handlers": {"file": {"class": "logging.FileHandler", "filename": "my.log"}}}},
        "logs/my.log",
    ),
}


@pytest.mark.parametrize("case", KNOWN)
def test_what_django_writes_is_in_the_data(root: Path, data: DataFolder, case: str) -> None:
    project, expected = KNOWN[case]
    name = case.partition(",")[0]
    value = desktop(root, data, **project)[name]
    if name == "LOGGING":
        value = value["handlers"]["file"]["filename"]
    elif name == "MAILERS":
        value = value["default"]["OPTIONS"]["file_path"]
    elif name == "CACHES":
        value = value["default"]["LOCATION"]
    assert Path(value) == data.root / expected


def test_log_file_of_the_runtimes_name_gets_another(root: Path, data: DataFolder) -> None:
    handlers = {"mine": {"class": "logging.FileHandler", "filename": "logs/app.log"}}
    logging = desktop(root, data, LOGGING={"handlers": handlers})["LOGGING"]
    assert Path(logging["handlers"]["mine"]["filename"]) != data.log_file
    assert Path(logging["handlers"]["mine"]["filename"]).parent == data.logs


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{app}/exports", "exports"),
        ("{app}/exports/", "exports"),
        ("{root}/beside", "beside"),
        ("{app}/empty", "empty"),
        ("{app}/shipped/new.json", "shipped/new.json"),
        ("{app}/shipped", None),
        ("{app}/words.txt", None),
        ("{app}", None),
        ("/srv/elsewhere", None),
        ("exports", None),
        ("{root}-not/exports", None),
        ("{app}/../../outside", None),
        ("{app}/x/../exports", "exports"),
        ("{app}/a\0b", "a\0b"),
        ("", None),
    ],
)
@pytest.mark.parametrize("kind", [str, Path])
def test_any_setting_that_names_nothing_in_the_bundle_is_moved(
    root: Path, data: DataFolder, kind: type[str | Path], value: str, expected: str | None
) -> None:
    named = kind(value.format(app=root / "app", root=root))
    nested = {"A": {"OPTIONS": [("x", named)]}}
    settings = desktop(root, data, EXPORT_DIR=named, NESTED=nested)
    wanted = named if expected is None else kind(other_files(data) / expected)
    assert settings["EXPORT_DIR"] == wanted
    assert settings["NESTED"] == {"A": {"OPTIONS": [("x", wanted)]}}


def test_bundle_that_is_known_by_another_name(root: Path, data: DataFolder, tmp_path: Path) -> None:
    """Settings resolve links, as in Path(__file__).resolve()."""
    link = tmp_path / "link"
    link.symlink_to(root, target_is_directory=True)
    settings = desktop(link, data, EXPORT_DIR=root / "app" / "exports")
    assert settings["EXPORT_DIR"] == other_files(data) / "exports"


@pytest.mark.parametrize(
    "name", ["TEMPLATES", "LOCALE_PATHS", "FIXTURE_DIRS", "STATICFILES_DIRS", "INSTALLED_APPS"]
)
def test_what_is_only_read_is_not_moved(root: Path, data: DataFolder, name: str) -> None:
    value = [str(root / "app" / "missing")]
    assert desktop(root, data, **{name: value})[name] == value


def test_values_of_other_types_are_left_alone(root: Path, data: DataFolder) -> None:
    class Names(list[str]):
        """A type of the project's own, which may not be made from its items."""

    names = Names([str(root / "app" / "nothing")])
    assert desktop(root, data, NAMES=names)["NAMES"] is names


class Untouchable:
    """Cannot be looked at yet, as a translation while settings are made."""

    def __eq__(self, _other: object) -> bool:
        raise RuntimeError

    def __hash__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError


def test_translations_are_not_looked_at(root: Path, data: DataFolder) -> None:
    title = Untouchable()
    nested = {"titles": [title, (title,)], "place": str(root / "app" / "exports")}
    settings = desktop(root, data, TITLE=title, LANGUAGES=[("de", title)], NESTED=nested)
    assert settings["TITLE"] is title
    assert settings["LANGUAGES"][0][1] is title
    assert settings["NESTED"]["titles"] is nested["titles"]
    assert settings["NESTED"]["place"] == str(other_files(data) / "exports")


def test_folders_that_django_expects_are_made(root: Path, data: DataFolder) -> None:
    settings = desktop(root, data, SESSION_ENGINE=FILE_SESSIONS)
    make_folders(settings, data)
    make_folders(settings, data)
    assert sessions_folder(data).is_dir()


def test_server_works_in_the_projects_folder(
    root: Path, data: DataFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare_working_folder(replace(BUNDLE, root=root), data)
    assert Path.cwd() == root / "app"


@pytest.mark.parametrize("found", ["nothing", "the current folder"])
def test_temporary_files_are_in_the_data_where_the_system_has_no_place(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: str
) -> None:
    def gettempdir() -> str:
        if found == "nothing":
            raise FileNotFoundError("no usable temporary directory found")
        return str(tmp_path)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "gettempdir", gettempdir)
    monkeypatch.setattr(tempfile, "tempdir", None)
    use_temporary_folder(data)
    assert tempfile.tempdir is not None
    assert Path(tempfile.tempdir).is_relative_to(data.root)
    assert Path(tempfile.tempdir).is_dir()


def test_the_systems_temporary_folder_is_used(data: DataFolder) -> None:
    before = tempfile.gettempdir()
    use_temporary_folder(data)
    assert tempfile.gettempdir() == before
