"""The smoke test, taken by the shell in a real Electron: where its data goes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e import processes
from tests.e2e.desktop import Desktop


@pytest.mark.parametrize("named", ["my data", "~/my data", "absolute"])
def test_the_data_folder_is_found_as_a_start_finds_it(desktop: Desktop, named: str) -> None:
    data = desktop.home / "my data"
    data.mkdir()
    option = str(data) if named == "absolute" else named
    report = desktop.home / "report.json"
    application = desktop.start(f"--smoke-test={report.name}", f"--data-dir={option}")
    code = application.wait()
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["problems"] == []
    assert code == 0
    assert Path(told["data_dir"]) == data
    with closing(sqlite3.connect(f"file:{data / 'db.sqlite3'}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    processes.none_left(desktop.home, 5)
