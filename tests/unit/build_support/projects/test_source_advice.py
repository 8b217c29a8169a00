"""What a project that is not below src/ is advised to ship."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from build_support.projects.source_advice import propose_source


def _make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_packages_and_resources_of_the_project_are_proposed(tmp_path: Path) -> None:
    _make(
        tmp_path,
        "manage.py",
        "garden/settings.py",
        "apps/plants/__init__.py",
        "templates/base.html",
        "static/site.css",
        "Größe/models.py",
    )
    assert tomllib.loads(propose_source(tmp_path)) == {
        "source": ["manage.py", "Größe", "apps", "garden", "static", "templates"]
    }


@pytest.mark.parametrize(
    "name",
    [
        "tests/test_a.py",
        "docs/conf.py",
        "build/x.py",
        "media/x.py",
        "node_modules/x/__init__.py",
        ".git/hook.py",
        "python/pyvenv.cfg",
        "terraform/main.tf",
    ],
)
def test_what_is_not_the_application_is_not_proposed(tmp_path: Path, name: str) -> None:
    _make(tmp_path, "garden/settings.py", name)
    assert tomllib.loads(propose_source(tmp_path)) == {"source": ["garden"]}


@pytest.mark.parametrize("folder", ["", "not there"])
def test_a_folder_without_anything_gives_an_example(tmp_path: Path, folder: str) -> None:
    assert tomllib.loads(propose_source(tmp_path / folder))["source"]
