from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.cache import Cache
from build_support.desktop import icon
from build_support.desktop.icon import icon_variables, icon_variables_of_bundle
from build_support.icons.drawing import decode
from build_support.projects.project import load_project


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_a_window_is_told_of_the_projects_icon(cache: Cache) -> None:
    project = load_project(ROOT)
    file = Path(icon_variables(project, cache)["DJDESK_ICON"])
    assert decode(file.read_bytes()).size == (256, 256)
    variables = icon_variables_of_bundle(project.identifier, ROOT, cache)
    assert variables == {"DJDESK_ICON": str(file)}


def test_a_window_opens_without_an_icon_that_cannot_be_made(cache: Cache) -> None:
    project = load_project(ROOT)
    table = {**project.document["tool"]["djdesk"], "icon": "missing.svg"}
    document = {**project.document, "tool": {"djdesk": table}}
    assert icon_variables(replace(project, document=document), cache) == {}


def test_a_bundle_of_another_project_has_not_this_ones_icon(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(icon, "icon_variables", pytest.fail)
    for folder in (ROOT, tmp_path, None):
        assert icon_variables_of_bundle("org.example.other", folder, cache) == {}
