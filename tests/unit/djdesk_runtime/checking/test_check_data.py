from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from djdesk_runtime.checking.check_data import TABLE, content_of
from tests.unit.djdesk_runtime.made_bundle import run


def _leave(bundle: Path, data: Path) -> dict[str, Any]:
    done = run(bundle, "check-data", "--data-dir", str(data), "abc")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_what_is_left_is_found_again_and_removed(bundle: Path, tmp_path: Path) -> None:
    left = _leave(bundle, tmp_path)
    assert left == {
        "databases": ["default"],
        "static_url": "/static/",
        "storage": "served",
        "name": "djdesk-check/abc.txt",
        "address": "/media/djdesk-check/abc.txt",
        "own_view": False,
    }
    file = tmp_path / "media" / left["name"]
    assert file.read_bytes() == content_of("abc")
    done = run(bundle, "check-data", "--data-dir", str(tmp_path), "--find", "abc")
    assert done.returncode == 0, done.stderr
    assert not file.exists()
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    assert TABLE not in tables


@pytest.mark.parametrize("lost", ["db.sqlite3", "media"])
def test_what_was_not_kept_is_told(bundle: Path, tmp_path: Path, lost: str) -> None:
    _leave(bundle, tmp_path)
    path = tmp_path / lost
    if path.is_dir():
        shutil.rmtree(path)
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute(f"DROP TABLE {TABLE}")
            database.commit()
    done = run(bundle, "check-data", "--data-dir", str(tmp_path), "--find", "abc")
    assert done.returncode in {1, 5}
    assert "Traceback" not in done.stderr


def _with_settings(bundle: Path, folder: Path, more: str) -> Path:
    copy = folder / "changed"
    shutil.copytree(bundle, copy, symlinks=True)
    settings = copy / "app" / "src" / "tiny" / "settings.py"
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("settings", "storage"),
    [
        ('MEDIA_URL = ""', "kept"),
        ("DATABASES = {}", "served"),
        (
            "STORAGES = {'default': {'BACKEND': 'django.core.files.storage.InMemoryStorage'}}",
            "elsewhere",
        ),
    ],
)
def test_projects_of_other_kinds(bundle: Path, tmp_path: Path, settings: str, storage: str) -> None:
    left = _leave(_with_settings(bundle, tmp_path, f"\n{settings}\n"), tmp_path / "data")
    assert left["storage"] == storage


def test_a_view_of_the_projects_own_decides_about_its_files(bundle: Path, tmp_path: Path) -> None:
    more = '\nMEDIA_URL = "media/private/"\n'
    left = _leave(_with_settings(bundle, tmp_path, more), tmp_path / "data")
    assert left["own_view"] is True
