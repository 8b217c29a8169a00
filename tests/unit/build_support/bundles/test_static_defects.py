from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_support.bundles.project_errors import Copy
from build_support.bundles.static_defects import Defect, Report, read_report, report_defects
from build_support.errors import ProjectError
from build_support.projects.project import Project
from tests.unit.build_support.conftest import Said


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Copy:
    return Copy(project, tmp_path / "staging" / "app")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with one distribution, which has one static file."""
    packages = tmp_path / "packages"
    about = packages / "django_garden-1.2.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: django-garden\nVersion: 1.2\n")
    sheet = packages / "garden/static/garden/x.css"
    sheet.parent.mkdir(parents=True)
    sheet.touch()
    (about / "RECORD").write_text("garden/static/garden/x.css,,\n")
    return packages


def _defect(file: Path | None, line: int = 7) -> Defect:
    return Defect("garden/x.css", file, line, "gone.png does not exist")


def test_defects_of_a_distribution_are_warned_of_by_its_name_however_strict_the_project_is(
    copy: Copy, packages: Path, said: Said
) -> None:
    report = Report(strict=True, defects=(_defect(packages / "garden/static/garden/x.css"),))
    report_defects(report, copy, packages, said.reporter)
    assert "django-garden 1.2: garden/static/garden/x.css, line 7: gone.png" in said.text


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("packages/unlisted/x.css", "unlisted/x.css, line 7: "),
        ("elsewhere/x.css", "elsewhere/x.css, line 7: "),
        (None, "garden/x.css, line 7: "),
    ],
)
def test_defects_of_what_belongs_to_nobody_known_are_warned_of(
    copy: Copy, packages: Path, said: Said, file: str | None, place: str
) -> None:
    path = None if file is None else packages.parent / file
    report_defects(Report(strict=True, defects=(_defect(path),)), copy, packages, said.reporter)
    assert place in said.text


def test_projects_own_defects_fail_all_at_once_where_its_storage_would_not_take_them(
    copy: Copy, packages: Path, said: Said
) -> None:
    own = [_defect(copy.app / "src/notes/static" / f"{name}.css") for name in ("one", "two")]
    with pytest.raises(ProjectError) as failure:
        report_defects(Report(strict=True, defects=(*own,)), copy, packages, said.reporter)
    assert failure.value.why.splitlines() == [
        "src/notes/static/one.css, line 7: gone.png does not exist",
        "src/notes/static/two.css, line 7: gone.png does not exist",
    ]


def test_projects_own_defects_are_warned_of_where_its_storage_would_take_them(
    copy: Copy, packages: Path, said: Said
) -> None:
    own = _defect(copy.app / "src/notes/static/one.css", line=0)
    report_defects(Report(strict=False, defects=(own,)), copy, packages, said.reporter)
    assert "src/notes/static/one.css: gone.png does not exist" in said.text


def test_of_many_some_are_named_and_the_others_counted(
    copy: Copy, packages: Path, said: Said
) -> None:
    many = tuple(_defect(None, line) for line in range(1, 40))
    report_defects(Report(strict=True, defects=many), copy, packages, said.reporter)
    assert "line 10:" in said.text
    assert "line 11:" not in said.text
    assert "29 more" in said.text


def test_nothing_wrong_is_nothing_said(copy: Copy, packages: Path, said: Said) -> None:
    report_defects(Report(strict=True, defects=()), copy, packages, said.reporter)
    assert said.text == ""


def test_report_has_every_defect_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    defects = [
        {"name": "a.css", "file": "/x/a.css", "line": 3, "what": "wrong"},
        {"name": "b.css", "file": "", "line": 0, "what": "wrong"},
    ]
    file.write_text(json.dumps({"strict": True, "defects": defects}))
    assert read_report(file) == Report(
        strict=True,
        defects=(
            Defect("a.css", Path("/x/a.css"), 3, "wrong"),
            Defect("b.css", None, 0, "wrong"),
        ),
    )
