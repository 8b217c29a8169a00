from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

from build_support.trees import folders as trees
from build_support.trees.folders import recover_tree, remove_tree
from build_support.trees.folders import replace_tree as replace


def _make(root: Path, *, mark: str = "") -> Path:
    """A tree with a folder in it, and a text that tells it from others."""
    (root / "bin").mkdir(parents=True)
    (root / "text").write_text(f"text{mark}")
    return root


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["exchange", "rename"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace trees as this system can, and as one can that exchanges no names."""
    if request.param == "rename":
        monkeypatch.setattr(trees, "_EXCHANGES", {})
    elif sys.platform not in trees._EXCHANGES:
        pytest.skip("this system exchanges no names")


@pytest.mark.usefixtures("_way")
class TestReplace:
    def test_puts_a_tree_where_there_was_none(self, tmp_path: Path) -> None:
        replace(_make(tmp_path / "new"), tmp_path / "current")
        assert os.listdir(tmp_path) == ["current"]  # noqa: PTH208 - the names, as they are

    def test_leaves_nothing_of_the_old_tree(self, tmp_path: Path) -> None:
        current = _make(tmp_path / "current", mark="old")
        (current / "only old").touch()
        replace(_make(tmp_path / "new", mark="new"), current)
        assert os.listdir(tmp_path) == ["current"]  # noqa: PTH208 - the names, as they are
        assert (current / "text").read_text() == "textnew"
        assert not (current / "only old").exists()

    def test_replaces_a_link_and_not_where_it_leads(self, tmp_path: Path) -> None:
        for place in ("elsewhere", "none"):
            (tmp_path / "current").symlink_to(tmp_path / place)
            if place == "elsewhere":
                _make(tmp_path / place)
            replace(_make(tmp_path / "new"), tmp_path / "current")
            assert not (tmp_path / "current").is_symlink()
            shutil.rmtree(tmp_path / "current")
        assert (tmp_path / "elsewhere" / "text").is_file()

    def test_forgets_what_an_earlier_one_left_aside(self, tmp_path: Path) -> None:
        current = _make(tmp_path / "current")
        _make(tmp_path / ".current.old", mark="older")
        replace(_make(tmp_path / "new", mark="new"), current)
        recover_tree(current)
        assert os.listdir(tmp_path) == ["current"]  # noqa: PTH208 - the names, as they are
        assert (current / "text").read_text() == "textnew"

    def test_a_new_tree_that_is_not_there_costs_nothing(self, tmp_path: Path) -> None:
        current = _make(tmp_path / "current")
        with pytest.raises(FileNotFoundError):
            replace(tmp_path / "none", current)
        assert (current / "text").read_text() == "text"
        assert os.listdir(tmp_path) == ["current"]  # noqa: PTH208 - the names, as they are


@pytest.mark.skipif(sys.platform not in trees._EXCHANGES, reason="this system exchanges no names")
def test_there_is_a_whole_tree_at_every_moment(tmp_path: Path) -> None:
    current = tmp_path / "current"
    _small(current)
    missing: list[OSError] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            try:
                os.stat(current / "inside" / "file")  # noqa: PTH116 - the one system call
            except OSError as error:
                missing.append(error)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for number in range(25):
            replace(_small(tmp_path / f"new{number}"), current)
    finally:
        done.set()
        watcher.join()
    assert not missing


def _small(root: Path) -> Path:
    (root / "inside").mkdir(parents=True)
    (root / "inside" / "file").touch()
    return root


@pytest.mark.skipif(sys.platform not in trees._EXCHANGES, reason="this system exchanges no names")
def test_an_exchange_changes_both_at_once(tmp_path: Path) -> None:
    first, second = _make(tmp_path / "a", mark="1"), _make(tmp_path / "b", mark="2")
    ctypes.set_errno(0)
    exchanged = trees._EXCHANGES[sys.platform](first, second)
    if ctypes.get_errno() in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:
        pytest.skip("this file system exchanges no names")
    assert exchanged
    assert [(folder / "text").read_text() for folder in (first, second)] == ["text2", "text1"]


@pytest.mark.skipif(sys.platform not in trees._EXCHANGES, reason="this system exchanges no names")
def test_an_exchange_that_is_not_possible_is_told_apart(tmp_path: Path) -> None:
    exchange = trees._EXCHANGES[sys.platform]
    assert not exchange(_make(tmp_path / "first"), tmp_path / "none")
    assert (tmp_path / "first").is_dir()


class _KilledError(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize(("moment", "survivor"), [(1, "old"), (2, "old"), (3, "old"), (4, "new")])
def test_a_killed_replacement_is_finished_or_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int, survivor: str
) -> None:
    current = _make(tmp_path / "current", mark="old")
    new = _make(tmp_path / "new", mark="new")
    steps = iter(range(1, 10))

    def killed(real: object) -> object:
        def step(*arguments: object) -> object:
            if next(steps) == moment:
                raise _KilledError
            assert callable(real)
            return real(*arguments)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(trees, "_EXCHANGES", {})
        patch.setattr(Path, "replace", killed(Path.replace))
        patch.setattr(trees, "remove_tree", killed(remove_tree))
        with pytest.raises(_KilledError):
            replace(new, current)
    recover_tree(current)
    assert (current / "text").read_text() == f"text{survivor}"
    assert not (tmp_path / ".current.old").exists()


def test_a_rename_that_fails_brings_the_old_tree_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On Windows a scanner that reads the new tree is enough.
    current = _make(tmp_path / "current", mark="old")
    new = _make(tmp_path / "new", mark="new")
    real = Path.replace

    def rename(path: Path, target: Path) -> Path:
        if path == new:
            raise PermissionError(errno.EACCES, "in use", str(path))
        return real(path, target)

    monkeypatch.setattr(trees, "_EXCHANGES", {})
    monkeypatch.setattr(Path, "replace", rename)
    with pytest.raises(PermissionError):
        replace(new, current)
    assert (current / "text").read_text() == "textold"


@pytest.mark.parametrize(
    ("there", "left"),
    [({"current"}, "current"), ({"old"}, "old"), ({"current", "old"}, "current"), (set(), None)],
)
def test_recover_keeps_the_newest_whole_tree(
    tmp_path: Path, there: set[str], left: str | None
) -> None:
    current = tmp_path / "current"
    if "current" in there:
        _make(current, mark="current")
    if "old" in there:
        _make(tmp_path / ".current.old", mark="old")
    recover_tree(current)
    names = _names(tmp_path)
    assert names == ([] if left is None else ["current"])
    if left:
        assert (current / "text").read_text() == f"text{left}"
