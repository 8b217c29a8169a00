from __future__ import annotations

import importlib.metadata
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from build_support.bundles import interpreter
from build_support.desktop import dev, dev_server
from build_support.desktop.dev import Workplace, describe, prepare_workplace
from build_support.desktop.electron import Electron, ElectronWish
from build_support.errors import ProjectError, ToolError
from build_support.projects.desktop import DEFAULT
from build_support.projects.project import Project
from tests.unit.build_support.conftest import Said
from tests.unit.build_support.desktop.programs import write_program

#: A manage.py that tells what it was asked, and what is applied to its database.
_PYTHON = """
import sys
from pathlib import Path
with Path("asked").open("a") as asked:
    print(sys.argv[4], file=asked)
if sys.argv[4] == "showmigrations":
    {plan}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "a project"
    root.mkdir()
    (root / "manage.py").touch()
    return Project(
        root=root,
        name="Notes",
        identifier="org.example.notes",
        version="1.2",
        settings_module="notes.settings",
        requirements=PurePosixPath("requirements.lock"),
        languages=None,
        source=(PurePosixPath("src"),),
        source_root=PurePosixPath("src"),
        extra_files=(),
        dependencies=(),
        desktop=replace(DEFAULT, permissions=("notifications",), support="help@example.org"),
    )


def test_what_the_shell_is_told(project: Project) -> None:
    described = json.loads(describe(Workplace(project, Path("/env/bin/python"))))
    assert described["command"][0] == "/env/bin/python"
    # Its folder has modules of ours, which are not to be found by the project's.
    assert "-P" in described["command"]
    assert described["command"][-1] == dev_server.__file__
    assert described["cwd"] == str(project.root)
    assert described["version"] == "1.2"
    assert described["permissions"] == ["notifications"]
    assert described["support"] == "help@example.org"
    # Its window must not take the installed application's place, nor its files.
    assert described["identifier"] == "org.example.notes.dev"


def test_a_window_for_development(
    project: Project, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[list[str], Mapping[str, str]]] = []
    made = Electron(Path("/electron"), "45.4.1", (), stand_in=False)
    monkeypatch.setattr(dev, "find_electron", lambda *_, **__: made)
    monkeypatch.setattr(dev, "run_window", lambda *words: started.append(words))
    monkeypatch.setattr(dev, "icon_variables", lambda *_: {"DJDESK_ICON": "/icon.png"})
    workplace = Workplace(project, Path("/python"))
    dev.dev_in_window(workplace, wish=ElectronWish({}), reporter=said.reporter)
    [(command, variables)] = started
    assert command[-1] == "--dev"
    assert json.loads(variables["DJDESK_DEV_SERVER"])["cwd"] == str(project.root)
    assert variables["DJDESK_ICON"] == "/icon.png"


@pytest.mark.parametrize("opening", [True, False])
def test_a_browser_for_development(
    project: Project, said: Said, monkeypatch: pytest.MonkeyPatch, opening: bool
) -> None:
    started: list[tuple[list[str], object, Any]] = []

    def run_server(command: list[str], start: object, **options: object) -> None:
        started.append((command, start, options))

    monkeypatch.setattr(dev, "run_server", run_server)
    workplace = Workplace(project, Path("/python"))
    dev.dev_in_browser(workplace, port=8000, opening=opening, reporter=said.reporter)
    [(command, start, options)] = started
    assert command == workplace.command
    assert start == {"port": 8000}
    assert options["folder"] == project.root
    assert bool(options["opener"]) is opening


def test_there_must_be_a_manage_py(project: Project, said: Said) -> None:
    (project.root / "manage.py").unlink()
    wish: Any = None
    with pytest.raises(ProjectError) as caught:
        prepare_workplace(project, wish, said.reporter)
    assert "manage.py" in caught.value.what


def test_the_project_has_metadata_in_its_environment(
    project: Project, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    monkeypatch.setattr(interpreter, "prepare_own", lambda *_, **__: (None, Path("python")))
    monkeypatch.setattr(dev, "make_environment", lambda *_: executable)
    cache: Any = None
    for version in ("1.2", "1.3"):
        newer = replace(project, version=version)
        assert dev._environment(newer, cache, cache, said.reporter) == executable
        (folder,) = (tmp_path / "env").rglob("site-packages")
        (found,) = importlib.metadata.distributions(path=[str(folder)])
        assert (found.name, found.version) == ("notes", version)


@pytest.mark.skipif(os.name == "nt", reason="the program is a script")
@pytest.mark.parametrize(
    ("plan", "asked"),
    [
        ("print('[ ]  auth.0001_initial'); print('[ ]  notes.0001_initial')", "migrate"),
        ("print('[X]  auth.0001_initial'); print('[ ]  notes.0001_initial')", ""),
        ("print('[X]  auth.0001_initial')", ""),
        ("print('(no migrations)')", "migrate"),
        ("print('Loading [X]'); print('[ ]  notes.0001_initial')", "migrate"),
        ("pass", ""),
        ("sys.exit('SyntaxError')", ""),
    ],
    ids=["new", "behind", "current", "nothing", "noise", "silent", "broken"],
)
def test_only_a_new_database_is_migrated(
    project: Project, said: Said, tmp_path: Path, plan: str, asked: str
) -> None:
    python = write_program(tmp_path / "python", _PYTHON.format(plan=plan))
    dev._make_database(project, python, said.reporter)
    lines = (project.root / "asked").read_text().split()
    assert lines == ["showmigrations", *asked.split()]


@pytest.mark.skipif(os.name == "nt", reason="the program is a script")
def test_a_database_that_cannot_be_made_is_told(
    project: Project, said: Said, tmp_path: Path
) -> None:
    program = _PYTHON.format(plan="print('[ ]  auth.0001_initial')")
    program += "else:\n    sys.exit('no such table')\n"
    python = write_program(tmp_path / "python", program)
    with pytest.raises(ToolError) as caught:
        dev._make_database(project, python, said.reporter)
    assert "no such table" in caught.value.why
