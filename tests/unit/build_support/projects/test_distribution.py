from __future__ import annotations

import importlib.metadata
from pathlib import Path, PurePosixPath

import pytest

from build_support.projects.distribution import describe_distribution, write_distribution
from build_support.projects.files import files_below, list_files
from build_support.projects.project import Project, load_project
from build_support.trees.records import differing_files, read_records

_WHOLE = """\
[project]
name = "Web.Garden"
version = "1.2"
description = "Plants,\\nand more"
requires-python = ">=3.12"
license = "MIT"
keywords = ["plants"]
authors = [{ name = "Zoë", email = "zoe@example.org" }, { name = "Max" }]
classifiers = ["Framework :: Django"]
urls = { Homepage = "https://example.org" }
dependencies = ["django>=5", "tzdata ; sys_platform == 'win32'"]
optional-dependencies = { pdf = ["reportlab", "x ; python_version > '3'"] }
scripts = { garden = "garden.cli:main" }
entry-points."garden.plugins" = { rose = "garden.rose:Rose" }

[tool.djdesk]
identifier = "org.example.garden"
settings-module = "garden.settings"
"""
_BARE = """\
[tool.djdesk]
name = "Zoë's Garden Planner"
version = "1.2"
identifier = "org.example.garden"
settings-module = "garden.settings"
"""


def _load(root: Path, text: str) -> Project:
    for name in ("garden/__init__.py", "garden/settings.py", "garden/a.txt", "alone.py"):
        (root / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "src" / name).write_text("x = 1\n")
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    return load_project(root)


def _write(project: Project, folder: Path) -> importlib.metadata.Distribution:
    """Write the files of a project and its metadata, and return what Python finds there."""
    files = files_below(project.source_root, list_files(project))
    for path, origin in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(origin.read_bytes())
    write_distribution(project, folder, files)
    (found,) = importlib.metadata.distributions(path=[str(folder)])
    return found


def test_everything_of_the_project_table_is_found(tmp_path: Path) -> None:
    found = _write(_load(tmp_path, _WHOLE), tmp_path / "app")
    assert (found.name, found.version) == ("Web.Garden", "1.2")
    metadata = found.metadata
    assert metadata["Summary"] == "Plants, and more"
    assert metadata["Author-Email"] == "Zoë <zoe@example.org>"
    assert metadata["Author"] == "Max"
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("Project-URL") == ["Homepage, https://example.org"]
    requires = found.requires or []
    assert 'tzdata; sys_platform == "win32"' in requires
    assert any("reportlab" in line and 'extra == "pdf"' in line for line in requires)
    points = {(point.group, point.name): point.value for point in found.entry_points}
    assert points == {
        ("console_scripts", "garden"): "garden.cli:main",
        ("garden.plugins", "rose"): "garden.rose:Rose",
    }


def test_its_files_are_recorded_with_their_hashes(tmp_path: Path) -> None:
    found = _write(_load(tmp_path, _WHOLE), tmp_path / "app")
    assert (found.read_text("top_level.txt") or "").split() == ["alone", "garden"]
    assert (found.read_text("INSTALLER") or "").strip() == "djdesk"
    named = {str(file) for file in found.files or ()}
    assert {"garden/settings.py", "garden/a.txt", "web_garden-1.2.dist-info/METADATA"} <= named
    records = read_records(tmp_path / "app")
    assert not list(differing_files(tmp_path / "app", records))
    assert all(row.hash for row in records["web_garden-1.2.dist-info"] if "RECORD" not in row.path)


def test_a_project_with_nothing_but_our_table_has_metadata_too(tmp_path: Path) -> None:
    found = _write(_load(tmp_path, _BARE), tmp_path / "app")
    assert (found.name, found.version) == ("zoe-s-garden-planner", "1.2")
    assert not found.entry_points


@pytest.mark.parametrize("name", ["my garden", "Gärten", "-x-", "../x"])
def test_a_name_that_no_distribution_may_have_is_made_one(tmp_path: Path, name: str) -> None:
    text = _WHOLE.replace('"Web.Garden"', f'"{name}"')
    text = text.replace("[tool.djdesk]", '[tool.djdesk]\nname = "My Garden"')
    found = _write(_load(tmp_path, text), tmp_path / "app")
    assert found.name == "my-garden"


def test_entry_points_of_poetry_are_found(tmp_path: Path) -> None:
    poetry = (
        '[tool.poetry]\nname = "garden"\nversion = "2.0"\nscripts = { go = "garden:main" }\n'
        '[tool.poetry.plugins."x.y"]\na = "garden:A"\n'
    )
    table = _BARE.replace('name = "Zoë\'s Garden Planner"\nversion = "1.2"\n', "")
    found = _write(_load(tmp_path, poetry + table), tmp_path / "app")
    assert (found.name, found.version) == ("garden", "2.0")
    assert {point.group for point in found.entry_points} == {"console_scripts", "x.y"}


def test_an_older_version_is_replaced_and_others_are_left_alone(tmp_path: Path) -> None:
    project = _load(tmp_path, _WHOLE)
    folder = tmp_path / "site-packages"
    for name in ("django-6.1.dist-info", "no_installer-1.dist-info"):
        (folder / name).mkdir(parents=True)
    (folder / "django-6.1.dist-info" / "INSTALLER").write_text("uv\n")
    write_distribution(project, folder, {})
    newer = _load(tmp_path, _WHOLE.replace('"1.2"', '"1.3"'))
    write_distribution(newer, folder, {})
    assert {path.name for path in folder.iterdir()} == {
        "django-6.1.dist-info",
        "no_installer-1.dist-info",
        "web_garden-1.3.dist-info",
    }


@pytest.mark.parametrize(
    "change", ['description = "Other"', 'scripts = { other = "garden:main" }', 'version = "1.3"']
)
def test_a_change_of_the_metadata_changes_what_is_written(tmp_path: Path, change: str) -> None:
    key = change.partition(" ")[0]
    before = describe_distribution(_load(tmp_path, _WHOLE))
    lines = [change if line.startswith(f"{key} ") else line for line in _WHOLE.splitlines()]
    assert describe_distribution(_load(tmp_path, "\n".join(lines))) != before


def test_modules_and_folders_with_modules_are_top_level(tmp_path: Path) -> None:
    paths = ["a.py", "b/c/d.py", "e/data.txt", "f-g/x.py", "manage.py"]
    texts = describe_distribution(_load(tmp_path, _BARE), map(PurePosixPath, paths))
    assert texts["top_level.txt"].split() == ["a", "b", "manage"]
