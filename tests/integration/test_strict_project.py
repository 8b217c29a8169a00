"""A project with rules of its own passes; what is wrong with it is told; what breaks it fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from build_support.bundles.manifest import read_manifest
from tests.integration.conftest import Shared
from tests.integration.sessions import ROOT

STRICT = ROOT / "tests" / "projects" / "strict"


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """A copy of the project, for tests that change it."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(STRICT, tmp_path / "strict", ignore=ignored))


def _built(shared: Shared) -> Path:
    def make(folder: Path) -> None:
        words = ("--project", STRICT, "--output", folder / "django-bundle")
        finished = shared.run("bundle", *words)
        assert finished.code == 0, finished.output
        (folder / "output").write_text(finished.output, encoding="utf-8")

    return shared.once("strict", make)


def test_bundle_tells_what_will_fail_with_file_and_line(shared: Shared) -> None:
    output = (_built(shared) / "output").read_text(encoding="utf-8")
    assert "Strict Rules 1.0" in output
    assert "TemplateDoesNotExist: strict/summary.html" in output
    assert "app/src/strict/templates/strict/report.html, line 2" in output
    assert "answers 404" in output


def test_verify_passes_and_shows_the_projects_own_rules(shared: Shared) -> None:
    finished = shared.run("verify", "--bundle", _built(shared) / "django-bundle")
    assert finished.code == 0, finished.output
    for words in (
        "Strict Rules 1.0",
        "security.W019",
        "strict.E001",
        "strict/summary.html",
        "answers 404",
        "✓ a stored file",
        "✓ data is kept",
        "✓ an upload",
        "not one byte in the bundle changed",
    ):
        assert words in finished.output
    assert "✗" not in finished.output
    assert "Traceback" not in finished.output


def test_an_unchanged_project_is_not_checked_again(shared: Shared) -> None:
    output = _built(shared) / "django-bundle"
    finished = shared.run("bundle", "--project", STRICT, "--output", output)
    assert finished.code == 0, finished.output
    assert "is current" in finished.output
    assert "Check the pages" not in finished.output


_URLS = "\nurlpatterns.insert(0, path('', lambda request: {}))\n"


def test_a_first_page_that_fails_is_not_built_and_the_previous_bundle_is_named(
    shared: Shared, strict: Path, bundle: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out" / "django-bundle"
    shutil.copytree(bundle, output, symlinks=True)
    with (strict / "src/strict/urls.py").open("a") as urls:
        urls.write(_URLS.format("1 / 0"))
    line = len((strict / "src/strict/urls.py").read_text().splitlines())
    finished = shared.run("bundle", "--project", strict, "--output", output)
    assert finished.code != 0
    assert "ZeroDivisionError" in finished.output
    assert f"src/strict/urls.py, line {line}" in finished.output
    assert "DJDesk Notes" in finished.output
    assert "is ready" not in finished.output
    assert read_manifest(output) == read_manifest(bundle)


def test_a_file_that_was_not_shipped_is_named_with_the_line_that_ships_it(
    shared: Shared, strict: Path, tmp_path: Path
) -> None:
    (strict / "texts").mkdir()
    (strict / "texts" / "hello.txt").write_text("hello")
    with (strict / "src/strict/urls.py").open("a") as urls:
        urls.write("\nfrom pathlib import Path\n")
        urls.write(_URLS.format("Path(__file__).parents[2].joinpath('texts/hello.txt').open()"))
    finished = shared.run("bundle", "--project", strict, "--output", tmp_path / "out")
    assert finished.code != 0
    assert "not in the bundle: texts/hello.txt" in finished.output
    assert '"texts/hello.txt"]' in finished.output


def test_settings_that_import_what_is_not_there_are_told_with_file_and_line(
    shared: Shared, strict: Path, tmp_path: Path
) -> None:
    settings = strict / "src/strict/settings.py"
    settings.write_text(f"{settings.read_text()}\nimport no_such_module\n")
    line = len(settings.read_text().splitlines())
    finished = shared.run("bundle", "--project", strict, "--output", tmp_path / "out")
    assert finished.code != 0
    assert "No module named 'no_such_module'" in finished.output
    assert f"src/strict/settings.py, line {line}" in finished.output
    log = next(x for x in finished.output.splitlines() if x.strip().startswith("Log:"))
    text = Path(log.partition("Log:")[2].strip()).read_text(encoding="utf-8")
    assert "an exception that was survived" in text


def test_verify_fails_a_bundle_whose_first_page_fails_and_says_why(
    shared: Shared, tmp_path: Path
) -> None:
    copy = tmp_path / "django-bundle"
    shutil.copytree(_built(shared) / "django-bundle", copy, symlinks=True)
    urls = copy / "app/src/strict/urls.py"
    urls.write_text(urls.read_text() + _URLS.format("1 / 0"))
    shutil.rmtree(urls.parent / "__pycache__")
    finished = shared.run("verify", "--bundle", copy)
    assert finished.code != 0
    assert "ZeroDivisionError: division by zero (app/src/strict/urls.py, line " in finished.output
    assert json.loads((copy / "bundle.json").read_text())["app"]["name"] in finished.output
