import json
import os
import platform
from pathlib import Path

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.reports.machine_facts import data_facts, system_facts


def test_the_system(tmp_path: Path) -> None:
    facts = json.loads(json.dumps(system_facts(DataFolder(tmp_path / "not" / "yet"))))
    assert facts["disk"]["free_bytes"] > 0
    assert facts["time_zone"]["offset"][0] in "+-"
    assert platform.node() not in json.dumps(facts) or len(platform.node()) < 4


def test_no_data_yet(tmp_path: Path) -> None:
    facts = data_facts(DataFolder(tmp_path / "none"))
    assert facts == {
        "folder": str(tmp_path / "none"),
        "exists": False,
        "writable": None,
        "entries": [],
        "backups": [],
    }


def test_names_of_uploads_and_contents_are_nobody_s_business(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    (tmp_path / "db.sqlite3").write_bytes(b"private" * 10)
    (tmp_path / "media" / "2026").mkdir(parents=True)
    (tmp_path / "media" / "2026" / "divorce.pdf").write_bytes(b"12345")
    (tmp_path / "media" / "photo.png").write_bytes(b"123")
    data.backups.mkdir()
    (data.backups / "default-20260101T000000Z-update-1.0.sqlite3").write_bytes(b"1234567")
    facts = data_facts(data)
    sizes = {entry["name"]: (entry["bytes"], entry.get("files")) for entry in facts["entries"]}
    assert sizes == {"db.sqlite3": (70, None), "media": (8, 2), "backups": (7, 1)}
    (backup,) = facts["backups"]
    assert backup["name"] == "default-20260101T000000Z-update-1.0.sqlite3"
    assert backup["bytes"] == 7
    assert "T" in backup["changed"]
    text = json.dumps(facts)
    for private in ("divorce", "photo", "2026/", "private"):
        assert private not in text


def test_a_link_and_what_cannot_be_read_are_entries_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "media").symlink_to(tmp_path.parent)
    (tmp_path / "lost").symlink_to("nowhere")
    facts = data_facts(DataFolder(tmp_path))
    assert {entry["name"] for entry in facts["entries"]} == {"media", "lost"}
    assert all("files" not in entry for entry in facts["entries"])

    def refuse(_: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "lstat", refuse)
    assert data_facts(DataFolder(tmp_path))["entries"][0] == {
        "name": "lost",
        "unreadable": "Permission denied",
    }
