from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from build_support.cache import Cache
from build_support.desktop import e2e
from build_support.desktop.e2e import check_screen, prepare_tests, pytest_arguments
from build_support.desktop.electron import OVERRIDE, ElectronWish
from build_support.errors import UsageError
from tests.unit.build_support.conftest import Said


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], False),
        (["-x", "-k", "notes"], False),
        (["tests/e2e/test_notes.py"], True),
        (["-x", "tests/e2e/test_notes.py::test_it[a b]"], True),
        (["tests/e2e"], True),
    ],
)
def test_what_pytest_is_told(words: Sequence[str], named: bool) -> None:
    assert pytest_arguments(words) == [
        "--numprocesses=2",
        *([] if named else [str(e2e.TESTS)]),
        *words,
    ]


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_a_screen_is_needed_or_what_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    check_screen({"DISPLAY": ":0"}, system)
    if system == "linux":
        with pytest.raises(UsageError) as caught:
            check_screen({}, system)
        assert "xvfb" in caught.value.hint
    else:
        check_screen({}, system)
    (tmp_path / "Xvfb").touch(0o755)
    check_screen({}, system)


@pytest.mark.parametrize("dist", [None, Path("/dist")])
def test_the_tests_are_told_where_things_are(
    monkeypatch: pytest.MonkeyPatch, cache: Cache, said: Said, dist: Path | None
) -> None:
    monkeypatch.setattr(e2e, "check_screen", lambda *_: None)
    monkeypatch.setattr(e2e, "find_electron", lambda *_, **__: None)
    monkeypatch.setattr(e2e, "prepare_test_bundle", lambda *_, **__: Path("/bundle"))
    variables = prepare_tests(ElectronWish({}, dist), cache=cache, reporter=said.reporter)
    assert variables == {
        "DJDESK_BUNDLE": "/bundle",
        **({OVERRIDE: "/dist"} if dist else {}),
    }
