"""Finished trees are put into place: linked where the previous bundle is equal, else copied."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from build_support.bundles.parts import finish_part, place_part
from build_support.trees.folders import FILE_TIME
from build_support.trees.listing import list_tree

PART = PurePosixPath("packages")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / PART / "a").mkdir(parents=True)
    (tree / PART / "a" / "one.py").write_text("1")
    (tree / PART / "two.py").write_text("2")
    (tree / PART / "run").write_text("3")
    (tree / PART / "run").chmod(0o755)
    finish_part(tree)
    return tree


@pytest.fixture
def previous(tree: Path, tmp_path: Path) -> Path:
    bundle = tmp_path / "previous"
    place_part(tree, PART, bundle, None)
    return bundle


def _inodes(*files: Path) -> set[int]:
    return {file.stat().st_ino for file in files}


def test_without_a_previous_bundle_everything_is_copied(tree: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    entries = place_part(tree, PART, bundle, None)
    assert list(entries) == list_tree(bundle)
    assert [entry.path for entry in entries] == [
        "packages/a/one.py",
        "packages/run",
        "packages/two.py",
    ]
    for path in (bundle / PART).rglob("*"):
        assert int(path.stat().st_mtime) == FILE_TIME
        assert path.is_dir() or path.stat().st_nlink == 1


def test_what_is_equal_is_linked_to_the_previous_bundle_and_never_to_the_cache(
    tree: Path, previous: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    entries = place_part(tree, PART, bundle, previous)
    for entry in entries:
        assert (bundle / entry.path).samefile(previous / entry.path)
        assert not (bundle / entry.path).samefile(tree / entry.path)


def _edit(path: Path) -> None:
    path.write_text("X")  # of the same size


@pytest.mark.parametrize(
    "change", [_edit, Path.unlink, lambda path: path.chmod(0o755)], ids=["edit", "delete", "mode"]
)
def test_what_was_changed_in_the_previous_bundle_is_copied(
    tree: Path, previous: Path, tmp_path: Path, change: object
) -> None:
    assert callable(change)
    change(previous / PART / "two.py")
    bundle = tmp_path / "bundle"
    entries = place_part(tree, PART, bundle, previous)
    assert list(entries) == list_tree(bundle)
    assert (bundle / PART / "two.py").read_text() == "2"
    assert (bundle / PART / "two.py").stat().st_nlink == 1
    assert (bundle / PART / "run").samefile(previous / PART / "run")


def test_an_output_that_cannot_be_listed_is_as_none(
    tree: Path, previous: Path, tmp_path: Path
) -> None:
    (previous / PART / "line\nbreak").touch()
    for number, folder in enumerate((previous, tmp_path / "nowhere")):
        bundle = tmp_path / f"bundle {number}"
        entries = place_part(tree, PART, bundle, folder)
        assert list(entries) == list_tree(bundle)
        assert (bundle / PART / "two.py").stat().st_nlink == 1
