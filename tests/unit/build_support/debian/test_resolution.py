from __future__ import annotations

import json
from pathlib import Path

from build_support.debian.resolution import Package, Resolution, read_record, write_record

_PACKAGE = Package("libc6", "2.43-7", "amd64", "libc6_2.43-7_amd64.deb", 7, "0" * 64, "pool/l")
_RESOLUTION = Resolution("3.14.10", "sid", (_PACKAGE,))


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "linux-x86_64.json"
    write_record(path, _RESOLUTION)
    assert read_record(path) == _RESOLUTION
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_record_of_another_version_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write_record(path, _RESOLUTION)
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "schema": content["schema"] + 1}), encoding="utf-8")
    assert read_record(path) is None
    assert read_record(tmp_path / "none") is None
