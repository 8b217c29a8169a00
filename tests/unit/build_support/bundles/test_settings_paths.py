from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from build_support.bundles.settings_paths import check_settings_paths
from build_support.errors import ProjectError
from build_support.reporter import Reporter
from tests.unit.build_support.projects.made_project import made_project

Named = Mapping[str, Sequence[str]]


def _files(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    return root


def _check(tmp_path: Path, named: Named) -> str:
    """Compare what settings name with a bundle that has `src` only; return the warnings."""
    stream = io.StringIO()
    project = made_project(tmp_path / "project", ["src"], ["extra"])
    app = tmp_path / "staging" / "app"
    check_settings_paths(project, app, named, Reporter(stream))
    return stream.getvalue()


@pytest.fixture
def app(tmp_path: Path) -> Path:
    _files(tmp_path / "project", "src/notes/templates/a.html", "templates/base.html")
    _files(tmp_path / "project", "locale/de/LC_MESSAGES/django.mo", "front/dist/app.js")
    _files(tmp_path / "project", "data/fixtures/a.json", "empty/.gitkeep", "version.txt", "x.log")
    _files(tmp_path / "project", "db.sqlite3", "server.key")
    _files(tmp_path, "beside/b.html", "project/.gitignore")
    (tmp_path / "project" / ".gitignore").write_text("dist/\n")
    _files(tmp_path / "staging" / "app", "src/notes/templates/a.html")
    return tmp_path / "staging" / "app"


@pytest.mark.parametrize(
    ("setting", "path", "line"),
    [
        ("TEMPLATES", "{app}/templates", 'source = ["src", "templates"]'),
        ("TEMPLATES", "templates", 'source = ["src", "templates"]'),
        ("TEMPLATES", "{app}/src/../templates", 'source = ["src", "templates"]'),
        ("LOCALE_PATHS", "{app}/locale", 'source = ["src", "locale"]'),
        ("STATICFILES_DIRS", "{app}/front/dist", 'extra-files = ["extra", "front/dist"]'),
        ("FIXTURE_DIRS", "{app}/data/fixtures", 'extra-files = ["extra", "data/fixtures"]'),
    ],
)
def test_a_folder_that_django_reads_fails_with_the_line_that_ships_it(
    tmp_path: Path, app: Path, setting: str, path: str, line: str
) -> None:
    with pytest.raises(ProjectError) as caught:
        _check(tmp_path, {setting: [path.format(app=app)]})
    assert setting in caught.value.why
    assert line in caught.value.hint.splitlines()
    tomllib.loads(line)


def test_all_are_named_at_once(tmp_path: Path, app: Path) -> None:
    named = {
        "TEMPLATES": [f"{app}/templates"],
        "LOCALE_PATHS": [f"{app}/locale"],
        "STATICFILES_DIRS": [f"{app}/front/dist"],
    }
    with pytest.raises(ProjectError) as caught:
        _check(tmp_path, named)
    for folder in ("templates", "locale", "front/dist"):
        assert folder in caught.value.why
    assert 'source = ["src", "locale", "templates"]' in caught.value.hint.splitlines()


def test_a_folder_beside_the_project_fails(tmp_path: Path, app: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        _check(tmp_path, {"TEMPLATES": [str(app.parent / "beside")]})
    assert str(tmp_path / "beside") in caught.value.why
    assert "source = " not in caught.value.hint


@pytest.mark.parametrize(
    "named",
    [
        {"TEMPLATES": ["{app}/src/notes/templates"]},
        {"TEMPLATES": ["{app}/nowhere", "/usr/share/nowhere"]},
        {"STATICFILES_DIRS": ["{app}/empty"]},
        {"MEDIA_ROOT": ["{app}/data"], "DATABASES": ["{app}/db.sqlite3"], "BASE_DIR": ["{app}"]},
        {"MY_DATABASE": ["{app}/db.sqlite3"], "MY_LOG": ["{app}/x.log"], "MY_DATA": ["{app}/data"]},
        {"MY_KEY": ["{app}/server.key"]},
        {"PROJECT_ROOT": ["{app}/.."]},
        {},
    ],
)
def test_what_is_there_or_is_never_shipped_is_no_matter(
    tmp_path: Path, app: Path, named: Named
) -> None:
    filled = {name: [path.format(app=app) for path in paths] for name, paths in named.items()}
    assert not _check(tmp_path, filled)


def test_other_files_that_settings_name_are_told(tmp_path: Path, app: Path) -> None:
    said = _check(tmp_path, {"VERSION_FILE": [f"{app}/version.txt"]})
    assert "VERSION_FILE" in said
    assert 'source = ["src", "version.txt"]' in said
