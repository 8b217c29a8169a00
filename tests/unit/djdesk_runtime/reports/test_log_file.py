"""Log files are rotated, and grow on where they cannot be renamed."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from djdesk_runtime.reports.log_file import LogFile

_RECORDS = 9


def _write(folder: Path, first: int) -> None:
    handler = LogFile(folder / "app.log", maxBytes=1, backupCount=3, encoding="utf-8", delay=True)
    for number in range(first, first + _RECORDS):
        handler.handle(logging.makeLogRecord({"msg": f"record {number}"}))
    handler.close()


def _lines(folder: Path) -> dict[str, list[str]]:
    return {
        path.name: path.read_text(encoding="utf-8").split("\n")[:-1] for path in folder.iterdir()
    }


def _refuse(self: Path, target: str) -> Path:
    raise PermissionError(13, "used by another process", str(self), 32, target)


def test_keeps_so_many_older_files(tmp_path: Path) -> None:
    _write(tmp_path, 0)
    assert _lines(tmp_path) == {
        "app.log": ["record 8"],
        "app.log.1": ["record 7"],
        "app.log.2": ["record 6"],
        "app.log.3": ["record 5"],
    }


def test_a_file_that_others_have_open_grows_and_older_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, 0)
    before = _lines(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", _refuse)
        patched.setattr("os.rename", _refuse)
        _write(tmp_path, 9)
    grown = ["record 8", *(f"record {number}" for number in range(9, 18))]
    assert _lines(tmp_path) == before | {"app.log": grown}
    _write(tmp_path, 18)
    assert _lines(tmp_path)["app.log"] == ["record 26"]
