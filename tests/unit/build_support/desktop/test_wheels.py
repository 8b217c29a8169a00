from __future__ import annotations

from pathlib import Path

import pytest

from build_support.cache import Cache
from build_support.desktop.wheels import locked_version, unpack_wheel
from build_support.errors import ToolError
from tests.unit.build_support.desktop.programs import make_index, use_index


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_index(monkeypatch, tmp_path / "index")
    return make_index(tmp_path / "index", "made_up", "1.2", {"made_up/tool": "tool"})


def test_a_wheel_is_unpacked_once(cache: Cache, lock: Path) -> None:
    finished: list[Path] = []
    folder = unpack_wheel(lock, "nodejs", cache=cache, finish=finished.append)
    assert (folder / "made_up" / "tool").read_text() == "tool"
    assert len(finished) == 1
    for wheel in lock.parent.glob("*.whl"):
        wheel.unlink()
    assert unpack_wheel(lock, "nodejs", cache=cache, finish=finished.append) == folder
    assert len(finished) == 1


def test_a_wheel_of_another_hash_is_refused(cache: Cache, lock: Path) -> None:
    lock.write_text(lock.read_text()[:-65] + "0" * 64 + "\n")
    with pytest.raises(ToolError) as caught:
        unpack_wheel(lock, "nodejs", cache=cache)
    assert "ash" in caught.value.why
    assert [*(cache.root / "nodejs").glob("*/")] == []


def test_an_index_out_of_reach_is_explained(cache: Cache, lock: Path) -> None:
    for wheel in lock.parent.glob("*.whl"):
        wheel.unlink()
    with pytest.raises(ToolError) as caught:
        unpack_wheel(lock, "nodejs", cache=cache)
    assert "UV_DEFAULT_INDEX" in caught.value.hint
    assert "HTTPS_PROXY" in caught.value.hint


def test_a_tree_that_could_not_be_finished_is_not_kept(cache: Cache, lock: Path) -> None:
    def fail(_: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unpack_wheel(lock, "nodejs", cache=cache, finish=fail)
    assert [*(cache.root / "nodejs").glob("*/")] == []


def test_the_version_of_a_lock(lock: Path, tmp_path: Path) -> None:
    assert locked_version(lock) == "1.2"
    (tmp_path / "wrong.lock").write_text("-r other\n")
    with pytest.raises(ToolError):
        locked_version(tmp_path / "wrong.lock")
