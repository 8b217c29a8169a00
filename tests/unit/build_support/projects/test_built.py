from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from build_support.projects.files import list_files
from tests.unit.build_support.projects.made_project import Make, made_project


def _warnings(root: Path, *extra: str) -> list[str]:
    warnings: list[str] = []
    list_files(made_project(root, extra=list(extra)), warnings.append)
    return warnings


def _line(warning: str) -> list[str]:
    """Return what the line that a warning gives would ship."""
    lines = [line for line in warning.splitlines() if line.startswith("extra-files = ")]
    assert len(lines) == 1
    named: list[str] = tomllib.loads(lines[0])["extra-files"]
    return named


@pytest.mark.parametrize(
    ("rule", "built", "named"),
    [
        ("*.mo", ["src/a/locale/de/LC_MESSAGES/django.mo"], ["src/a/locale"]),
        (
            "dist/",
            ["src/a/static/a/dist/app.js", "src/a/static/a/dist/b.css"],
            ["src/a/static/a/dist"],
        ),
        ("*.min.js", ["src/a/static/x.min.js"], ["src/a/static/x.min.js"]),
        ("gen*.html", ["src/a/templates/generated.html"], ["src/a/templates/generated.html"]),
        ("*.css", [f"src/a/static/{number}.css" for number in range(9)], ["src/a/static"]),
    ],
)
def test_built_files_are_named_with_the_line_that_ships_them(
    make: Make, rule: str, built: list[str], named: list[str]
) -> None:
    root = make("src/a/x.py", "src/a/static/kept.txt", *built, **{".gitignore": f"{rule}\n"})
    (warning,) = _warnings(root)
    assert _line(warning) == named
    assert not _warnings(root, *named)
    shipped = {str(file.path) for file in list_files(made_project(root, extra=named))}
    assert set(built) <= shipped


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("*.js", "src/a/other/x.js"),
        ("*.map", "src/a/static/x.js.map"),
        ("node_modules/", "src/a/static/node_modules/x.js"),
        ("*.log", "src/a/static/x.log"),
        (".cache/", "src/a/static/.cache/x"),
        ("*.env", "src/a/templates/prod.tmp"),
    ],
)
def test_what_is_only_beside_what_was_built_is_no_matter(make: Make, rule: str, name: str) -> None:
    root = make("src/a/x.py", "src/a/static/kept.txt", name, **{".gitignore": f"{rule}\n"})
    assert not _warnings(root)


def test_translations_that_nobody_compiled_are_named(make: Make) -> None:
    root = make(
        "src/a/locale/de/LC_MESSAGES/django.po",
        "src/a/locale/fr/LC_MESSAGES/django.po",
        "src/a/locale/fr/LC_MESSAGES/django.mo",
    )
    (warning,) = _warnings(root)
    assert "src/a/locale/de/LC_MESSAGES/django.po" in warning
    assert "/fr/" not in warning
    assert "compilemessages" in warning
