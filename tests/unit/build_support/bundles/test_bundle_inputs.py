from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from packaging.requirements import Requirement

from build_support.bundles import bundle as module
from build_support.bundles.bundle import Plan
from build_support.bundles.interpreter import Interpreter, Wish
from build_support.bundles.manifest import Files, Manifest, Python
from build_support.cache import Cache
from build_support.errors import ProjectError
from build_support.projects.desktop import DEFAULT, Desktop
from build_support.projects.files import SourceFile
from build_support.projects.project import Project
from build_support.projects.requirements import LockedRequirement, read_lock
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
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
    [
        {"name": "Other"},
        {"version": "1.3"},
        {"document": {"project": {"description": "What importlib.metadata tells"}}},
        {"document": {"project": {"scripts": {"notes": "notes:main"}}}},
        {"languages": ()},
        {"languages": ("en",)},
        {"desktop": Desktop(permissions=("media",))},
        {"desktop": Desktop(synchronous="FULL")},
        {"desktop": Desktop(sentry_dsn="https://key@sentry.example/42")},
    ],
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


SYSTEMS = {"linux-x86_64": "linux", "macos-arm64": "darwin", "windows-x86_64": "win32"}


@pytest.fixture
def make_plan(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Plan]:
    """Plan for a target, with a distribution of the runtime and one for each system."""
    end = f"--hash=sha256:{'a' * 64}\n"
    with project.lock.open("a") as stream:
        for system in SYSTEMS.values():
            stream.write(f"for-{system}==1 ; sys_platform == '{system}' {end}")
    runtime_lock = tmp_path / "runtime.lock"
    runtime_lock.write_text(f"waitress==3 {end}for-win32==0 {end}")
    monkeypatch.setattr(module, "RUNTIME_LOCK", runtime_lock)
    wish = Wish(PINS, choice="published", environment={})

    def make_plan(name: str, desktop: Desktop = DEFAULT) -> Plan:
        return module.make_plan(
            replace(project, desktop=desktop),
            TARGETS[name],
            wish,
            cache=Cache(tmp_path / "cache"),
            reporter=Reporter(),
        )

    return make_plan


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("linux-x86_64", ["django==6.1.3", "for-linux==1", "for-win32==0", "waitress==3"]),
        ("macos-arm64", ["django==6.1.3", "for-darwin==1", "for-win32==0", "waitress==3"]),
        ("windows-x86_64", ["django==6.1.3", "for-win32==1", "waitress==3"]),
    ],
)
def test_a_plan_says_what_each_target_gets(
    make_plan: Callable[[str], Plan], name: str, expected: list[str]
) -> None:
    plan = make_plan(name)
    entries = plan.lock_for(TARGETS[name])
    assert [f"{entry.name}=={entry.version}" for entry in entries] == expected
    assert plan.manifest.requirements.count == len(expected)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_plan_knows_what_this_machine_needs_to_make_another_s_bundle(
    make_plan: Callable[[str], Plan], name: str
) -> None:
    """The lock of a target must not be installed here, nor the other way round."""
    plan = make_plan(name)
    for other in SYSTEMS:
        assert plan.lock_for(TARGETS[other]) == make_plan(other).lock_for(TARGETS[other])
    assert len({plan.lock_for(TARGETS[other]) for other in SYSTEMS}) == len(SYSTEMS)


def test_inputs_change_with_the_runtime_s_lock(
    make_plan: Callable[[str], Plan], tmp_path: Path
) -> None:
    before = make_plan("linux-x86_64").manifest
    assert make_plan("linux-x86_64").manifest == before
    file = tmp_path / "runtime.lock"
    file.write_text(file.read_text().replace("waitress==3", "waitress==4"))
    after = make_plan("linux-x86_64").manifest
    assert after.requirements == before.requirements
    assert after.inputs != before.inputs


def test_a_manifest_says_what_the_project_wants_of_the_desktop(project: Project) -> None:
    desktop = Desktop(("media",), "FULL", "https://key@sentry.example/42")
    assert _describe(replace(project, desktop=desktop)).desktop == desktop


@pytest.mark.parametrize("marker", ["", " ; sys_platform == 'linux'"])
def test_errors_are_only_reported_where_the_target_gets_the_sdk(
    project: Project, make_plan: Callable[..., Plan], marker: str
) -> None:
    desktop = Desktop(sentry_dsn="https://key@sentry.example/42")
    with pytest.raises(ProjectError, match=r"has no sentry-sdk"):
        make_plan("linux-x86_64", desktop)
    with project.lock.open("a") as stream:
        stream.write(f"sentry-sdk==2.75.0{marker} --hash=sha256:{'a' * 64}\n")
    assert make_plan("linux-x86_64", desktop).manifest.desktop == desktop
    if marker:
        with pytest.raises(ProjectError, match=r"has no sentry-sdk"):
            make_plan("windows-x86_64", desktop)


def test_a_plan_writes_nothing(make_plan: Callable[[str], Plan], tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    make_plan("linux-x86_64")
    assert sorted(tmp_path.rglob("*")) == before
