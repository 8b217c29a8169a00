"""Updates that fail, databases of newer versions, full disks, and two servers for one folder."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.data_use import (
    DATABASE,
    ENDS,
    LATER,
    make_version,
    start_and_end,
    starting,
    state_of,
    use,
    write_notes,
)
from tests.integration.full_disk import run_on_small_disk

_STARTS = 10
_FAILS = {
    **LATER,
    "0006_fails.py": """
        atomic = False
        def fail(apps, schema_editor):
            raise ValueError("this migration fails")
        operations = [
            migrations.RunSQL("DROP TABLE notes_attachment"),
            migrations.RunSQL("DELETE FROM notes_note WHERE id > 3"),
            migrations.RunPython(fail),
        ]
    """,
}


@pytest.fixture(scope="module")
def used(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of somebody who has written notes. Tests copy it."""
    data = tmp_path_factory.mktemp("used") / "data"
    assert start_and_end(bundle, data).end["event"] == "ready"
    write_notes(data, 300)
    return data


def _copy(used: Path, folder: Path) -> Path:
    return Path(shutil.copytree(used, folder / "data"))


def _bytes(data: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in data.glob("db.sqlite3*") if "shm" not in path.name
    }


def _updated(later: Path, data: Path) -> Path:
    assert start_and_end(later, data).end["event"] == "ready"
    return data


def test_failed_update_leaves_the_data_to_the_version_before(
    bundle: Path, used: Path, tmp_path: Path
) -> None:
    data = _copy(used, tmp_path)
    before = state_of(data / DATABASE)
    failed = start_and_end(make_version(bundle, tmp_path, "9.0", _FAILS), data)
    assert failed.updates == ["Updating your data…"]
    assert failed.end["event"] == "failed"
    assert failed.end["code"] == failed.process.returncode == 7
    assert "ValueError: this migration fails" in failed.end["message"]
    assert "What to do: Start version " in failed.end["message"]
    assert "this migration fails" in Path(failed.end["log"]).read_text(encoding="utf-8")
    assert state_of(data / DATABASE) == before
    again = start_and_end(bundle, data)
    assert again.end["event"] == "ready"
    assert again.updates == []
    assert state_of(data / DATABASE) == before


def test_newer_database_is_refused_and_stays_byte_for_byte(
    bundle: Path, used: Path, tmp_path: Path
) -> None:
    data = _copy(used, tmp_path)
    later = make_version(bundle, tmp_path, "9.0", LATER)
    # As a power cut leaves it that comes while somebody reads: with a write-ahead log.
    with closing(sqlite3.connect(_updated(later, data) / DATABASE)) as reader:
        reader.execute("SELECT count(*) FROM notes_note").fetchone()
        promised = use(later, data, "new")
        data = Path(shutil.copytree(data, tmp_path / "cut"))
    before = _bytes(data)
    assert before["db.sqlite3-wal"]
    for _ in range(2):
        refused = start_and_end(bundle, data)
        assert refused.end["event"] == "failed"
        assert refused.end["code"] == refused.process.returncode == 9
        assert "notes.0002_size" in refused.end["message"]
        assert "newer version" in refused.end["message"]
        assert refused.updates == []
        assert _bytes(data) == before
    assert start_and_end(later, data).end["event"] == "ready"
    assert set(promised) <= state_of(data / DATABASE).titles


def test_of_two_servers_started_at_once_one_serves(bundle: Path, tmp_path: Path) -> None:
    def race(number: int) -> None:
        data = tmp_path / str(number)
        with starting(bundle, data) as one, starting(bundle, data) as other:
            for server in (one, other):
                assert server.wait_for(*ENDS), server.events
            failed, ready = sorted([one.end, other.end], key=lambda end: str(end["event"]))
            assert (failed["event"], ready["event"]) == ("failed", "ready")
            assert failed["code"] == 8
            assert f"process {ready['pid']}, started at 20" in failed["message"]

    # Most of the time the second waits for the first to end.
    with ThreadPoolExecutor(3) as pool:
        assert len(list(pool.map(race, range(_STARTS)))) == _STARTS


_FILLS = {
    "0002_fills.py": """
        def fill(apps, schema_editor):
            schema_editor.execute("CREATE TABLE filler (content)")
            for _ in range(200):
                schema_editor.execute("INSERT INTO filler VALUES (randomblob(1000000))")
        operations = [migrations.RunPython(fill)]
    """,
}
_FILLS_FOLDER = {
    "0002_fills.py": """
        atomic = False
        def fill(apps, schema_editor):
            from django.conf import settings
            apps.get_model("notes", "Note").objects.update(text="half")
            with open(settings.MEDIA_ROOT.parent / "filler", "wb", buffering=0) as file:
                for size in (1_000_000, 1000, 1):
                    try:
                        while True:
                            file.write(bytes(size))
                    except OSError:
                        continue
            apps.get_model("notes", "Note").objects.update(text="y" * 5000)
        operations = [migrations.RunPython(fill)]
    """,
}


#: What a later version does, how many bytes are free, and what is said.
_FULL = {
    "seen before": (LATER, 5_000_000, "not enough space on the disk"),
    "filled by the database": (_FILLS, 40_000_000, "full"),
    "filled by other files": (_FILLS_FOLDER, 40_000_000, "full"),
}


@pytest.mark.parametrize("case", _FULL)
def test_full_disk_leaves_the_data_as_it_was(
    bundle: Path, used: Path, tmp_path: Path, case: str
) -> None:
    migrations, free, said = _FULL[case]
    later = make_version(bundle, tmp_path, "9.0", migrations)
    seen = run_on_small_disk(later, bundle, used, tmp_path, free)
    failed, again = seen["failed"], seen["again"]
    assert failed["event"] == "failed"
    assert failed["code"] == 7
    assert said in failed["message"]
    assert "Free some space on the disk" in failed["message"]
    assert seen["after"] == seen["before"]
    assert not seen["marker"]
    assert seen["backups"] == (0 if case == "seen before" else 1)
    assert again["event"] == "ready"
    assert seen["at the end"] == seen["before"]
