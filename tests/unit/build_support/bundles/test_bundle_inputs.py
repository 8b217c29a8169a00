from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from packaging.requirements import Requirement

from build_support.bundles import bundle as module
from build_support.bundles.interpreter import Interpreter
from build_support.bundles.manifest import Files, Manifest, Python
from build_support.projects.files import SourceFile
from build_support.projects.project import Project
from build_support.projects.requirements import LockedRequirement, read_lock
from build_support.published.pins import load_pins
from build_support.target import TARGETS

TARGET = TARGETS["linux-x86_64"]
PINS = load_pins()
OTHER_WHEEL = LockedRequirement(Requirement("django==6.1.3"), ("--hash=sha256:" + "b" * 64,))
INTERPRETER = Interpreter(
    TARGET,
    Python("3.14.10", "python-build-standalone", "x.tar.gz", "ab" * 32, redistributable=True),
    pin=PINS.pin_for(TARGET),
    resolution=None,
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    (root / "src" / "notes").mkdir(parents=True)
    (root / "src" / "notes" / "settings.py").write_text("SECRET_KEY = 'x'\n")
    (root / "requirements.lock").write_text(f"django==6.1.3 --hash=sha256:{'a' * 64}\n")
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
    )


def _describe(project: Project, changes: Mapping[str, object] | None = None) -> Manifest:
    source = project.root / "src" / "notes" / "settings.py"
    arguments: dict[str, Any] = {
        "target": TARGET,
        "files": (SourceFile(source, PurePosixPath("src/notes/settings.py")),),
        "lock": read_lock(project.lock),
        "chosen": INTERPRETER,
        **(changes or {}),
    }
    return module._describe(project, **arguments)


def test_inputs_hold_for_the_same_things(project: Project) -> None:
    settings = project.root / "src" / "notes" / "settings.py"
    before = _describe(project)
    os.utime(settings, (1, 1))
    assert _describe(project) == before
    assert before.source_roots == ("app/src",)
    assert before.files == Files(0, 0, "")


@pytest.mark.parametrize(
    "change",
    [
        {"target": TARGETS["linux-arm64"]},
        {"chosen": replace(INTERPRETER, python=replace(INTERPRETER.python, sha256="0" * 64))},
        {"files": ()},
        {"lock": ()},
        {
            "lock": (
                LockedRequirement(Requirement("django==6.1.3"), ("--hash=sha256:" + "b" * 64,)),
            )
        },
    ],
)
def test_inputs_change_with_what_is_put_in(project: Project, change: dict[str, Any]) -> None:
    assert _describe(project, change).inputs != _describe(project).inputs


@pytest.mark.parametrize(
    "change",
    [{"name": "Other"}, {"version": "1.3"}, {"languages": ()}, {"languages": ("en",)}],
)
def test_inputs_change_with_the_project(project: Project, change: dict[str, Any]) -> None:
    other = replace(project, **change)
    assert _describe(other).inputs != _describe(project).inputs


@pytest.mark.parametrize("file", ["src/notes/settings.py", "requirements.lock"])
def test_inputs_change_with_a_file(project: Project, file: str) -> None:
    before = _describe(project)
    with (project.root / file).open("a") as stream:
        stream.write("# more\n")
    assert _describe(project).inputs != before.inputs


def test_inputs_say_no_path_of_this_machine(project: Project) -> None:
    elsewhere = project.root.with_name("elsewhere")
    project.root.rename(elsewhere)
    moved = _describe(replace(project, root=elsewhere))
    elsewhere.rename(project.root)
    assert moved == _describe(project)


def test_inputs_only_what_the_target_needs_is_counted(project: Project) -> None:
    with project.lock.open("a") as stream:
        for system in ("win32", "linux", "darwin"):
            mark = f"sys_platform == '{system}'"
            stream.write(f"{system}==1 ; {mark} --hash=sha256:{'a' * 64}\n")
    assert _describe(project).requirements.count == 2
