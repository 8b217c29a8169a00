from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from build_support.desktop.display import check_display, sandbox_arguments
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
    ("stand_in", "root", "namespaces", "without", "words"),
    [
        (False, False, True, False, ""),
        (True, False, True, False, ""),
        (False, True, True, True, "root"),
        (True, True, True, True, "root"),
        (True, False, False, True, "namespaces"),
        # The real one is not made unsafe: it says itself that it cannot start.
        (False, False, False, False, "sysctl"),
    ],
)
def test_the_sandbox(
    tmp_path: Path, stand_in: bool, root: bool, namespaces: bool, without: bool, words: str
) -> None:
    arguments, said = sandbox_arguments(
        tmp_path / "electron", stand_in=stand_in, root=root, namespaces=namespaces
    )
    assert arguments == (("--no-sandbox",) if without else ())
    assert words in said
    assert bool(said) == bool(words)
