"""The application checks itself, on every system: real Electron, real bundle, real database."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from build_support.desktop.electron import Electron
from tests.e2e.notes import is_whole

_SECONDS = 300


@pytest.fixture
def variables(bundle: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """What the application is started with; on Linux a screen of this worker's own."""
    found = {**os.environ, "DJDESK_BUNDLE": str(bundle)}
    if platform.system() == "Linux":
        found["DISPLAY"] = request.getfixturevalue("display")
    return found


def test_it_starts_twice_with_the_same_data(
    electron: Electron, variables: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "Zoë's data"
    data.mkdir()
    for number in (1, 2):
        report = _smoke(electron, variables, tmp_path / f"{number}.json", data)
        assert report["steps"] == ["files", "server", "page", "database", "end"]
        assert report["page"]["status"] == 200
        assert report["page"]["elements"] > 5
        assert report["databases"] == [{"alias": "default", "file": "db.sqlite3"}]
        assert report["server_ended"] == {"code": 0, "signal": None}
        assert is_whole(data)
    with closing(sqlite3.connect(data / "db.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM notes_note").fetchone() == (0,)
    assert (data / "secret_key").is_file()


def _smoke(electron: Electron, variables: dict[str, str], file: Path, data: Path) -> dict[str, Any]:
    finished = subprocess.run(
        electron.command(f"--smoke-test={file}", f"--data-dir={data}"),
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )
    assert file.is_file(), finished.stderr
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert report["problems"] == [], finished.stderr
    assert finished.returncode == 0, finished.stderr
    return report
