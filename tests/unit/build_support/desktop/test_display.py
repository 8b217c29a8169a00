from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from build_support.desktop.display import check_display, sandbox_arguments, screen_command
from build_support.errors import UsageError


@pytest.mark.parametrize(
    ("system", "variables"),
    [
        ("linux", {"DISPLAY": ":0"}),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}),
        ("darwin", {}),
        ("win32", {}),
    ],
)
def test_a_screen(system: str, variables: Mapping[str, str]) -> None:
    check_display("run", variables, system)


@pytest.mark.parametrize("variables", [{}, {"DISPLAY": ""}])
def test_no_screen(variables: Mapping[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        check_display("dev", variables, "linux")
    assert "nox -s dev -- --browser" in caught.value.hint
    assert "xvfb-run -a nox -s dev" in caught.value.hint


@pytest.mark.parametrize(
    ("system", "variables", "words"),
    [
        ("linux", {"DISPLAY": ":0"}, ()),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, ()),
        ("linux", {}, ("/usr/bin/xvfb-run", "--auto-servernum")),
        ("darwin", {}, ()),
        ("win32", {}, ()),
    ],
)
def test_what_makes_a_screen(
    system: str, variables: Mapping[str, str], words: tuple[str, ...]
) -> None:
    programs = {"xvfb-run": "/usr/bin/xvfb-run"}
    assert screen_command(variables, system, programs.get) == words


def test_a_screen_that_cannot_be_made() -> None:
    with pytest.raises(UsageError, match="no screen to start") as caught:
        screen_command({}, "linux", lambda _: None)
    assert "apt-get install xvfb" in caught.value.hint


@dataclass(frozen=True)
class Machine:
    """What decides about the sandbox."""

    stand_in: bool = False
    root: bool = False
    namespaces: bool = True


@pytest.mark.parametrize(
    ("machine", "without", "words"),
    [
        (Machine(), False, ""),
        (Machine(stand_in=True), False, ""),
        (Machine(root=True), True, "root"),
        (Machine(stand_in=True, root=True), True, "root"),
        (Machine(stand_in=True, namespaces=False), True, "namespaces"),
        # The real one is not made unsafe: it says itself that it cannot start.
        (Machine(namespaces=False), False, "sysctl"),
    ],
    ids=str,
)
def test_the_sandbox(tmp_path: Path, machine: Machine, without: bool, words: str) -> None:
    arguments, said = sandbox_arguments(tmp_path / "electron", **asdict(machine))
    assert arguments == (("--no-sandbox",) if without else ())
    assert words in said
    assert bool(said) == bool(words)
