from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from build_support.bundles.manifest import App, Files, Manifest, Python, Requirements
from build_support.desktop import run
from build_support.desktop.electron import Electron, ElectronWish
from build_support.errors import UsageError, VerificationError
from build_support.target import TARGETS, host_target
from tests.unit.build_support.conftest import Said

OTHER = next(name for name in TARGETS if name != host_target().name)


def _manifest(target: str) -> Manifest:
    return Manifest(
        app=App("Notes", "org.example.notes", "1", "unknown"),
        target=target,
        python=Python("3.14.10", "made-up", "archive", "0" * 64, redistributable=True),
        settings_module="notes.settings",
        source_roots=("app",),
        requirements=Requirements("requirements.lock", "0" * 64, 1),
        inputs="0" * 64,
        files=Files(1, 1, "0" * 64),
        built_with={},
    )


class Started:
    """Stands in for what runs the window and the server."""

    def __init__(self) -> None:
        self.window: tuple[list[str], Mapping[str, str]] | None = None
        self.server: list[str] | None = None

    def run_window(self, command: list[str], variables: Mapping[str, str]) -> None:
        self.window = command, variables

    def run_server(self, command: list[str], start: object, **_: Any) -> None:  # noqa: ANN401 - it
        # takes what the real one takes
        assert start == {}
        self.server = command


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    started = Started()
    made = Electron(Path("/electron"), "45.4.1", ("--no-sandbox",), stand_in=False)
    monkeypatch.setattr(run, "run_window", started.run_window)
    monkeypatch.setattr(run, "run_server", started.run_server)
    monkeypatch.setattr(run, "find_electron", lambda *_, **__: made)
    monkeypatch.setattr(run, "read_manifest", lambda _: _manifest(host_target().name))
    monkeypatch.setattr(run, "launch_command", lambda bundle: [str(bundle)])
    monkeypatch.setenv("DISPLAY", ":0")
    return started


def test_the_window_is_told_its_bundle(started: Started, tmp_path: Path, said: Said) -> None:
    wish = ElectronWish({})
    run.run_in_window(tmp_path, data_dir=None, wish=wish, reporter=said.reporter)
    assert started.window is not None
    command, variables = started.window
    assert command[:2] == ["/electron", "--no-sandbox"]
    assert command[2].endswith("electron")
    assert len(command) == 3
    assert variables == {"DJDESK_BUNDLE": str(tmp_path)}
    run.run_in_window(tmp_path, data_dir=Path("/d ata"), wish=wish, reporter=said.reporter)
    assert started.window[0][3:] == ["--data-dir=/d ata"]


def test_without_a_screen_there_is_no_window(
    started: Started, tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(UsageError):
        run.run_in_window(tmp_path, data_dir=None, wish=ElectronWish({}), reporter=said.reporter)
    assert started.window is None


@pytest.mark.parametrize(
    ("wished", "words"),
    [
        ({}, ["--open-browser"]),
        ({"opening": False}, []),
        (
            {"data_dir": Path("/d"), "port": 8000},
            ["--data-dir", "/d", "--port", "8000", "--open-browser"],
        ),
    ],
)
def test_the_browser_gets_a_server(
    started: Started, tmp_path: Path, said: Said, wished: dict[str, Any], words: list[str]
) -> None:
    usual: dict[str, Any] = {"data_dir": None, "port": 0, "opening": True}
    run.run_in_browser(tmp_path, reporter=said.reporter, **{**usual, **wished})
    assert started.server == [str(tmp_path), "serve", "--shell", *words]


def test_a_bundle_for_another_system_is_refused(
    started: Started, tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "read_manifest", lambda _: _manifest(OTHER))
    with pytest.raises(UsageError) as caught:
        run.run_in_browser(tmp_path, data_dir=None, port=0, opening=False, reporter=said.reporter)
    assert OTHER in caught.value.what
    assert "nox -s bundle" in caught.value.hint
    with pytest.raises(UsageError):
        run.run_in_window(tmp_path, data_dir=None, wish=ElectronWish({}), reporter=said.reporter)
    assert started.server is None
    assert started.window is None


def test_there_must_be_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(VerificationError):
        run.check_runs_here(tmp_path)
