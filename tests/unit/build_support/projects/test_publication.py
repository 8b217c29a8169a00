from __future__ import annotations

from pathlib import Path

import pytest

from build_support.errors import ProjectError
from build_support.icons.make import DEFAULT_DRAWING
from build_support.projects.publication import load_publication, semantic_version
from build_support.trees.portable_names import slug
from tests.unit.build_support.projects.made_project import made_project

_TABLE = '\n[tool.djdesk]\nname = "notes"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1.0.0"),
        ("1.2", "1.2.0"),
        ("1.2.3", "1.2.3"),
        ("1.2rc1", "1.2.0-rc.1"),
        ("1.0a3", "1.0.0-alpha.3"),
        ("2.0b1.dev4", "2.0.0-beta.1.dev.4"),
        ("1.2.dev5", "1.2.0-dev.5"),
        ("1.2+local.7", "1.2.0+local.7"),
    ],
)
def test_versions(text: str, expected: str) -> None:
    assert semantic_version(text) == expected


@pytest.mark.parametrize("text", ["1.2.3.4", "1!2.0", "1.0.post1"])
def test_versions_that_installers_do_not_know(text: str) -> None:
    with pytest.raises(ProjectError, match="cannot be that of a package"):
        semantic_version(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DJDesk Notes", "djdesk-notes"),
        ("Zoë's  Café!", "zoe-s-cafe"),
        ("メモ", "org-example-notes"),
        ("../x", "x"),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name, "org.example.notes") == expected


def test_what_is_not_said_is_empty(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[project]{_TABLE}", encoding="utf-8")
    found = load_publication(made_project(tmp_path))
    assert (found.slug, found.version, found.icon) == ("notes", "1.0.0", DEFAULT_DRAWING)
    said = (found.description, found.author, found.email, found.homepage, found.licence)
    assert set(said) == {""}
    assert found.maintainer == ""


def test_everything_that_is_said(tmp_path: Path) -> None:
    text = """[project]
description = "Keeps
notes"
authors = [{name = "Zoë", email = "zoe@example.org"}, {name = "Other"}]
urls = {Documentation = "https://d.example", Homepage = "https://h.example"}
license = {text = "MIT"}
[tool.djdesk]
icon = "art/icon.svg"
""".replace("Keeps\nnotes", "Keeps  notes")
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    icon = tmp_path / "art" / "icon.svg"
    icon.parent.mkdir()
    icon.touch()
    found = load_publication(made_project(tmp_path))
    assert found.description == "Keeps notes"
    assert found.maintainer == "Zoë <zoe@example.org>"
    assert found.homepage == "https://h.example"
    assert found.licence == "MIT"
    assert found.icon == icon


@pytest.mark.parametrize("value", ['"missing.svg"', '"../icon.svg"', "7", '""'])
def test_an_icon_is_a_file_of_the_project(tmp_path: Path, value: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "icon.svg").touch()
    (root / "pyproject.toml").write_text(f"{_TABLE}icon = {value}\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="is no file of the project"):
        load_publication(made_project(root))
