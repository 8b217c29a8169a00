from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from build_support.trees.folders import (
    FILE_TIME,
    copy_tree,
    normalise,
    normalise_level,
    remove_empty_folders,
    remove_tree,
)
from tests.unit.build_support.unprivileged import unprivileged


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def _make(root: Path, *, mark: str = "") -> Path:
    """A tree with a program, a text, an empty folder, and links of all kinds."""
    (root / "bin").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "bin" / "program").write_text("#!/bin/sh\n")
    (root / "bin" / "program").chmod(0o700)
    (root / "bin" / "alias").symlink_to("program")
    (root / "té xt.txt").write_text(f"text{mark}")
    (root / "to folder").symlink_to("bin")
    (root / "nowhere").symlink_to("does/not/exist")
    return root


def _look(root: Path) -> dict[str, tuple[str, int, int]]:
    """Each path below a folder with its kind, mode and time; of links only kind and time."""
    found = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        kind = f"-> {path.readlink()}" if path.is_symlink() else stat.filemode(status.st_mode)[0]
        mode = 0 if path.is_symlink() else stat.S_IMODE(status.st_mode)
        found[path.relative_to(root).as_posix()] = (kind, mode, int(status.st_mtime))
    return found


NORMAL = {
    "bin": ("d", 0o755, FILE_TIME),
    "bin/alias": ("-> program", 0, FILE_TIME),
    "bin/program": ("-", 0o755, FILE_TIME),
    "empty": ("d", 0o755, FILE_TIME),
    "nowhere": ("-> does/not/exist", 0, FILE_TIME),
    "té xt.txt": ("-", 0o644, FILE_TIME),
    "to folder": ("-> bin", 0, FILE_TIME),
}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o027])
def test_normalise_gives_the_same_modes_and_times_under_any_umask(
    tmp_path: Path, mask: int
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o600)
    with _umask(mask):
        tree = _make(tmp_path / "tree")
        (tree / "outwards").symlink_to(outside)
        normalise(tree)
    found = _look(tree)
    assert found.pop("outwards")[2] == FILE_TIME
    assert found == NORMAL
    assert stat.S_IMODE(tree.stat().st_mode) == 0o755
    assert int(tree.stat().st_mtime) == FILE_TIME
    assert stat.S_IMODE(outside.stat().st_mode) == 0o600
    assert int(outside.stat().st_mtime) != FILE_TIME


@pytest.mark.parametrize(
    ("before", "after"), [(0o4755, 0o755), (0o777, 0o755), (0o400, 0o644), (0o611, 0o644)]
)
def test_normalise_goes_by_what_the_owner_may_do(tmp_path: Path, before: int, after: int) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(before)
    normalise(tmp_path)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == after


def test_one_level_can_be_normalised_without_what_is_below(tmp_path: Path) -> None:
    tree = _make(tmp_path / "tree")
    for folder in (tree, tree / "bin"):
        folder.chmod(0o700)
    before = _look(tree)
    normalise_level(tree)
    after = _look(tree)
    below = {"bin", "bin/alias", "bin/program", "empty"}
    assert {path: after[path] for path in below} == {path: before[path] for path in below}
    level = NORMAL.keys() - below
    assert {path: after[path] for path in level} == {path: NORMAL[path] for path in level}
    assert stat.S_IMODE(tree.stat().st_mode) == 0o755
    assert int(tree.stat().st_mtime) == FILE_TIME


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_copy_keeps_links_modes_times_and_content(tmp_path: Path, mask: int) -> None:
    tree = _make(tmp_path / "tree")
    normalise(tree)
    with _umask(mask):
        copy_tree(tree, tmp_path / "new" / "copy")
    copy = tmp_path / "new" / "copy"
    assert _look(copy) == NORMAL
    assert stat.S_IMODE(copy.stat().st_mode) == 0o755
    assert int(copy.stat().st_mtime) == FILE_TIME
    assert (copy / "té xt.txt").read_text() == "text"
    assert (copy / "empty").is_dir()
    assert (copy / "té xt.txt").stat().st_ino != (tree / "té xt.txt").stat().st_ino


def test_one_file_that_cannot_be_copied_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = _make(tmp_path / "tree")
    real = shutil.copy2

    def full(source: Path, destination: Path, *, follow_symlinks: bool) -> None:
        if source.name == "program":
            raise OSError(errno.ENOSPC, "No space left on device", str(destination))
        real(source, destination, follow_symlinks=follow_symlinks)

    monkeypatch.setattr("build_support.trees.folders.shutil.copy2", full)
    with pytest.raises(OSError, match="No space left"):
        copy_tree(tree, tmp_path / "copy")


def test_a_folder_that_cannot_be_read_is_not_passed_over() -> None:
    with unprivileged() as folder:
        tree = _make(folder / "tree")
        (tree / "bin").chmod(0o000)
        with pytest.raises(PermissionError):
            copy_tree(tree, folder / "copy")
        with pytest.raises(PermissionError):
            normalise(tree)


def test_a_folder_that_is_not_there_is_not_copied_as_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy_tree(tmp_path / "none", tmp_path / "copy")


@pytest.mark.parametrize("mode", [0o755, 0o555, 0o500, 0o311, 0o000])
def test_remove_deletes_folders_that_nobody_may_write_in(mode: int) -> None:
    with unprivileged() as folder:
        tree = _make(folder / "tree")
        (tree / "bin" / "deep").mkdir()
        (tree / "bin" / "deep" / "file").touch(0o400)
        for path in (tree / "bin" / "deep", tree / "bin", tree):
            path.chmod(mode)
        remove_tree(tree)
        assert not tree.exists()


def test_remove_deletes_a_link_and_not_where_it_leads(tmp_path: Path) -> None:
    tree = _make(tmp_path / "tree")
    for name, target in (("link", tree), ("dangling", tmp_path / "none")):
        (tmp_path / name).symlink_to(target)
        remove_tree(tmp_path / name)
        assert not (tmp_path / name).is_symlink()
    assert (tree / "té xt.txt").is_file()


def test_remove_does_not_follow_links_inside_when_it_makes_folders_writable() -> None:
    with unprivileged() as folder:
        outside = _make(folder / "outside")
        outside.chmod(0o555)
        tree = _make(folder / "tree")
        (tree / "link").symlink_to(outside)
        tree.chmod(0o555)
        remove_tree(tree)
        assert not tree.exists()
        assert stat.S_IMODE(outside.stat().st_mode) == 0o555
        assert (outside / "té xt.txt").is_file()


def test_remove_of_nothing_does_nothing(tmp_path: Path) -> None:
    remove_tree(tmp_path / "none")


def test_remove_says_when_it_cannot() -> None:
    with unprivileged() as folder:
        tree = _make(folder / "held" / "tree")
        tree.parent.chmod(0o555)
        with pytest.raises(PermissionError):
            remove_tree(tree)


def test_folders_without_files_are_removed_and_others_stay(tmp_path: Path) -> None:
    for name in ("a/b/c", "d/e", "f"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "d" / "file").touch()
    remove_empty_folders(tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "d",
        "d/file",
    ]
    remove_empty_folders(tmp_path / "d")
    assert (tmp_path / "d").is_dir()
