from __future__ import annotations

import dataclasses
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath

import pytest

from build_support.bundles.project_errors import Copy
from build_support.projects.project import Project


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Copy:
    """A copy of the project's settings alone, in a folder with a space in its name."""
    app = tmp_path / "of a build" / "app"
    (app / "src" / "notes").mkdir(parents=True)
    return Copy(project, app)


def _run(copy: Copy, code: str, name: str = "src/notes/settings.py") -> str:
    for folder in (copy.app, copy.project.root):
        (folder / name).write_text(code, encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, copy.app / name],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert finished.returncode != 0
    return finished.stderr


def test_places_are_the_projects(copy: Copy) -> None:
    why = copy.explain(_run(copy, "x = 1\nraise RuntimeError('no key')")).why
    assert "RuntimeError: no key (src/notes/settings.py, line 2)" in why
    assert str(copy.app) not in why


@pytest.mark.parametrize("name", ["words.txt", "two words.txt", "größe.json"])
def test_a_file_that_was_not_shipped_is_named_with_the_line_that_ships_it(
    copy: Copy, name: str
) -> None:
    (copy.project.root / "lists").mkdir()
    (copy.project.root / "lists" / name).write_text("x")
    code = f"from pathlib import Path\nPath(__file__).parents[2].joinpath('lists/{name}').open()"
    told = copy.explain(_run(copy, code))
    assert f"not in the bundle: lists/{name}" in told.why
    source = [*map(str, copy.project.source), f"lists/{name}"]
    assert tomllib.loads(told.hint.partition(":")[2]) == {"source": source}


@pytest.mark.parametrize("name", ["seed.db", "built/words.txt"])
def test_a_file_that_source_would_leave_out_is_an_extra_file(copy: Copy, name: str) -> None:
    extra = dataclasses.replace(copy.project, extra_files=(PurePosixPath("LICENSE"),))
    copy = dataclasses.replace(copy, project=extra)
    (copy.project.root / ".gitignore").write_text("built/\n")
    (copy.project.root / name).parent.mkdir(exist_ok=True)
    (copy.project.root / name).write_text("x")
    code = f"from pathlib import Path\nPath(__file__).parents[2].joinpath('{name}').open()"
    hint = copy.explain(_run(copy, code)).hint
    assert tomllib.loads(hint.partition(":")[2]) == {"extra-files": ["LICENSE", name]}


def test_a_module_that_was_not_shipped_is_named_with_the_line_that_ships_it(copy: Copy) -> None:
    (copy.project.root / "shared").mkdir()
    told = copy.explain(_run(copy, "import shared.tools"))
    source = [*map(str, copy.project.source), "shared"]
    assert tomllib.loads(told.hint.partition(":")[2]) == {"source": source}


def test_a_module_that_nobody_has_is_one_for_the_lock(copy: Copy) -> None:
    """Also one that a dependency imports and does not declare."""
    told = copy.explain(_run(copy, "import of_a_distribution_that_is_not_locked"), hint="Other.")
    assert "lock" in told.hint
    assert "not in the bundle" not in told.why


@pytest.mark.parametrize("name", ["helpers/__init__.py", "helpers.py"])
def test_a_module_in_a_folder_that_is_not_searched_is_named_with_it(copy: Copy, name: str) -> None:
    (copy.app / "lib" / name).parent.mkdir(parents=True)
    (copy.app / "lib" / name).touch()
    told = copy.explain(_run(copy, "import helpers"), hint="Other.")
    assert "It is in lib" in told.why
    assert "sys.path" in told.hint


def test_a_file_that_nobody_has_is_not_called_unshipped(copy: Copy) -> None:
    code = "from pathlib import Path\nPath(__file__).parents[2].joinpath('gone.txt').open()"
    told = copy.explain(_run(copy, code), hint="Correct it.")
    assert "gone.txt" in told.why
    assert "not in the bundle" not in told.why
    assert told.hint == "Correct it."


def test_settings_that_resolve_their_path_below_a_link_are_understood(copy: Copy) -> None:
    link = copy.app.parents[1] / "link"
    link.symlink_to(copy.app.parent, target_is_directory=True)
    linked = Copy(copy.project, link / "app")
    (copy.project.root / "words.txt").write_text("x")
    opening = "Path(__file__).resolve().parents[2].joinpath('words.txt').open()"
    code = f"from pathlib import Path\n{opening}"
    told = linked.explain(_run(linked, code))
    assert "not in the bundle: words.txt" in told.why
    assert linked.own(str(copy.app / "src" / "a.py")) == "src/a.py"
    assert linked.own(str(linked.app / "src" / "a.py")) == "src/a.py"


def test_a_missing_variable_gets_advice_of_its_own(copy: Copy) -> None:
    told = copy.explain(_run(copy, "import os\nos.environ['DB']"), hint="Correct it.")
    assert "environment" in told.hint


def test_an_output_without_an_exception_keeps_the_hint(copy: Copy) -> None:
    told = copy.explain(f"CommandError: {copy.app}/static is missing", hint="Correct it.")
    assert (told.why, told.hint) == ("CommandError: static is missing", "Correct it.")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_copy_behind_a_link_is_known_by_both_names(copy: Copy, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(copy.app.parent)
    linked = dataclasses.replace(copy, app=tmp_path / "link" / "app")
    (copy.project.root / "words.txt").write_text("x")
    code = (
        "from pathlib import Path\nPath(__file__).resolve().parents[2].joinpath('words.txt').open()"
    )
    told = linked.explain(_run(copy, code))
    assert "(src/notes/settings.py, line 2)" in told.why
    assert "words.txt" in told.hint
