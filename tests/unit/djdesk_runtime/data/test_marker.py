import json
from pathlib import Path

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.marker import (
    Change,
    MarkerDamagedError,
    read_marker,
    remove_marker,
    write_marker,
)

CHANGES = (
    Change("default", "db.sqlite3", "default-20261123T120000Z-update-1.0.sqlite3"),
    Change("größe", "größe.sqlite3", None, done=True),
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    assert read_marker(data) == ()
    write_marker(data, CHANGES)
    assert read_marker(data) == CHANGES
    remove_marker(data)
    remove_marker(data)
    assert read_marker(data) == ()
    assert not list(tmp_path.iterdir())


GOOD = {"alias": "default", "file": "db.sqlite3", "backup": "x.sqlite3", "done": False}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"databases": 3}',
        '{"databases": [3]}',
        '{"databases": [{}]}',
        *(
            json.dumps({"databases": [GOOD | wrong]})
            for wrong in (
                {"file": "../db.sqlite3"},
                {"file": "/etc/passwd"},
                {"file": ""},
                {"file": None},
                {"file": 3},
                {"backup": "../x"},
                {"backup": ["x"]},
                {"alias": 3},
            )
        ),
    ],
)
def test_other_content_is_not_obeyed(tmp_path: Path, content: str) -> None:
    data = DataFolder(tmp_path)
    data.update_marker.write_text(content, encoding="utf-8")
    with pytest.raises(MarkerDamagedError):
        read_marker(data)
