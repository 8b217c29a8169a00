import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from djdesk_runtime.data import durable
from djdesk_runtime.data.durable import (
    delete_durably,
    move,
    sync_file,
    sync_folder,
    write_durably,
)


def test_content_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"a\nb\r\n")
    write_durably(path, b"c\n")
    assert path.read_bytes() == b"c\n"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("step", ["sync", "move"])
def test_old_content_stays_when_a_step_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, step, full)
    with pytest.raises(OSError, match="No space left"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_process_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file.partial").write_bytes(b"half of a very long")
    write_durably(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_content_is_on_the_disk_before_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []

    def noted(name: str) -> Callable[..., None]:
        real = getattr(durable, name)

        def step(*given: object) -> None:
            steps.append(name)
            real(*given)

        return step

    for name in ("sync", "move", "sync_folder"):
        monkeypatch.setattr(durable, name, noted(name))
    write_durably(tmp_path / "file", b"new")
    assert steps == ["sync", "move", "sync_folder"]


def test_file_system_that_cannot_sync_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "fsync", refuse)
    sync_folder(tmp_path)
    sync_folder(tmp_path / "missing")
    with pytest.raises(OSError, match="Invalid"):
        sync_file(_file(tmp_path))


def _file(folder: Path) -> Path:
    path = folder / "file"
    path.touch()
    return path


def test_deleting_twice(tmp_path: Path) -> None:
    path = _file(tmp_path)
    delete_durably(path)
    delete_durably(path)
    assert not path.exists()


def test_file_that_a_scanner_has_open_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, attempts = Path.replace, []

    def refuse_twice(self: Path, target: Path) -> Path:
        attempts.append(target)
        if len(attempts) < 3:
            raise PermissionError(13, "Access is denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", refuse_twice)
    monkeypatch.setattr(durable, "PAUSE", 0)
    monkeypatch.setattr(durable, "REFUSES_OPEN_FILES", True)
    move(_file(tmp_path), tmp_path / "new")
    assert (tmp_path / "new").exists()
    assert len(attempts) == 3


def test_refusal_for_good_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def refuse(self: Path, target: Path) -> Path:
        attempts.append(target)
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(durable, "PAUSE", 0)
    for refuses, count in ((True, durable.ATTEMPTS), (False, 1)):
        attempts.clear()
        monkeypatch.setattr(durable, "REFUSES_OPEN_FILES", refuses)
        with pytest.raises(PermissionError):
            move(_file(tmp_path), tmp_path / "new")
        assert len(attempts) == count
