import shutil
from pathlib import Path

import pytest

from djdesk_runtime.data import space
from djdesk_runtime.data.space import needed_bytes, require_space
from djdesk_runtime.errors import DatabaseUpdateError


class Usage:
    def __init__(self, total: int, free: int) -> None:
        self.total, self.free = total, free


@pytest.mark.parametrize(
    ("total", "free", "enough"),
    [
        (10**12, needed_bytes(10**6), True),
        (10**12, needed_bytes(10**6) - 1, False),
        (10**12, 0, False),
        (0, 0, True),  # the system does not know
    ],
)
def test_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, total: int, free: int, enough: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(total, free))
    if enough:
        require_space(tmp_path, 10**6)
        return
    with pytest.raises(DatabaseUpdateError, match="not changed") as caught:
        require_space(tmp_path, 10**6)
    assert f"{free / 10**6:.1f} MB" in caught.value.why
    assert str(tmp_path) in caught.value.why


def test_clones_take_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**12, needed_bytes(10**6, 1)))
    monkeypatch.setattr(space, "has_clones", lambda _folder: False)
    with pytest.raises(DatabaseUpdateError):
        require_space(tmp_path, 10**6)
    monkeypatch.setattr(space, "has_clones", lambda _folder: True)
    require_space(tmp_path, 10**6)


def test_more_data_needs_more_room() -> None:
    assert needed_bytes(0) > 0
    assert needed_bytes(10**9) - needed_bytes(0) >= 3 * 10**9


def test_system_that_does_not_say(tmp_path: Path) -> None:
    require_space(tmp_path / "missing", 10**18)
