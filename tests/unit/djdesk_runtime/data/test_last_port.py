import json
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.last_port import last_port, record_server

WRONG = [
    "", "{", "[]", "7", '{"port": null}', '{"port": "8000"}', '{"port": -1}', '{"port": 65536}',
    '{"port": 1.5}', '{"Port": 8000}', "\x00", "[" * 50_000, '{"port": 0}',
]  # fmt: skip


def test_what_is_recorded_is_found_again(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    record_server(data, 8000)
    record_server(data, 8001)
    assert last_port(data) == 8001
    content = json.loads(data.server_file.read_text(encoding="utf-8"))
    assert (content["pid"], content["port"]) == (os.getpid(), 8001)
    assert datetime.fromisoformat(content["started"]).utcoffset() == timedelta(0)
    assert [path.name for path in tmp_path.iterdir()] == ["server.json"]


@pytest.mark.skipif(os.name != "posix", reason="modes mean little there")
def test_the_record_is_the_owners(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    record_server(data, 8000)
    assert stat.S_IMODE(data.server_file.stat().st_mode) == 0o600


def test_without_a_record_there_is_no_port(tmp_path: Path) -> None:
    assert last_port(DataFolder(tmp_path / "nothing")) == 0


@pytest.mark.parametrize("content", WRONG)
def test_a_record_that_makes_no_sense(tmp_path: Path, content: str) -> None:
    data = DataFolder(tmp_path)
    data.server_file.write_text(content, encoding="utf-8")
    assert last_port(data) == 0


def test_a_record_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    data.server_file.mkdir()
    (data.server_file / "full").touch()
    record_server(data, 8000)
    assert last_port(data) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["server.json"]
