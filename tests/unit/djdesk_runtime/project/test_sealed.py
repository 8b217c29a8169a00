from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from djdesk_runtime.project.sealed import no_new_folders

WAYS: dict[str, Callable[[Path], object]] = {
    "Path.mkdir": lambda path: path.mkdir(exist_ok=True),
    "parents": lambda path: (path / "a" / "b").mkdir(parents=True, exist_ok=True),
    "os.mkdir": lambda path: os.mkdir(str(path)),  # noqa: PTH102 - that is what it is about
    "os.makedirs": lambda path: os.makedirs(path / "a" / "b"),  # noqa: PTH103
    "bytes": lambda path: os.mkdir(os.fsencode(path), 0o700),  # noqa: PTH102
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("linked", [False, True])
def test_folder_in_the_bundle_is_not_made(tmp_path: Path, way: str, linked: bool) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    known_as = bundle
    if linked:
        known_as = tmp_path / "link"
        known_as.symlink_to(bundle, target_is_directory=True)
    with no_new_folders(known_as):
        WAYS[way](bundle / "logs")
    assert not any(bundle.iterdir())


@pytest.mark.parametrize("way", WAYS)
def test_folder_elsewhere_is_made(tmp_path: Path, way: str) -> None:
    with no_new_folders(tmp_path / "bundle"):
        WAYS[way](tmp_path / "logs")
    assert (tmp_path / "logs").is_dir()


def test_folder_that_is_there_is_there(tmp_path: Path) -> None:
    with no_new_folders(tmp_path), pytest.raises(FileExistsError):
        tmp_path.mkdir()


def test_afterwards_folders_are_made_again(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), no_new_folders(tmp_path):
        raise RuntimeError
    (tmp_path / "later").mkdir()
    assert (tmp_path / "later").is_dir()
