"""A full disk is named, whoever noticed it, with a remedy for that very disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from build_support.disks import Place, full_disk_error, is_full_disk, written_places
from build_support.errors import BuildError, ToolError


def _places(folder: Path) -> tuple[Place, ...]:
    for name in ("cache", "output", "temporary"):
        (folder / name).mkdir()
    return tuple(
        Place(name, folder / name, f"use --{name}") for name in ("cache", "output", "temporary")
    )


@pytest.mark.parametrize("name", ["cache", "output", "temporary"])
def test_the_disk_of_the_file_is_the_full_one(name: str, tmp_path: Path) -> None:
    places = _places(tmp_path)
    file = tmp_path / name / "deep" / "file"
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
    explained = full_disk_error(error, places, free=lambda _: 5_000_000)
    assert str(tmp_path / name) in explained.what
    assert f"--{name}" in explained.hint
    assert "5 MB" in explained.why


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        ToolError(
            "Installing failed.", why="uv ended with 2: No space left on device (os error 28)"
        ),
        ToolError("npm failed.", why="npm error code ENOSPC", hint="Look at the network."),
        ToolError("x", why="There is not enough space on the disk. (os error 112)"),
    ],
)
def test_a_failure_that_names_no_file_is_that_of_the_fullest_disk(
    error: Exception, tmp_path: Path
) -> None:
    places = _places(tmp_path)
    assert is_full_disk(error)
    left = {"cache": 10**12, "output": 0, "temporary": 10**9}
    explained = full_disk_error(error, places, free=lambda folder: left[folder.name])
    assert str(tmp_path / "output") in explained.what
    assert "--output" in explained.hint
    assert "CACHE" not in explained.hint


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EIO, "I/O error"), BuildError("x", why="no network"), ValueError("ENOSPC")],
)
def test_other_failures_are_not_a_full_disks(error: Exception) -> None:
    assert not is_full_disk(error)


def test_a_place_that_is_not_there_yet_is_on_the_disk_above_it(tmp_path: Path) -> None:
    cache, output, temporary = written_places(tmp_path / "a" / "b", tmp_path / "c")
    error = OSError(errno.ENOSPC, "No space left on device")
    explained = full_disk_error(error, (cache, output, temporary))
    assert explained.hint
    assert len({each.fix for each in (cache, output, temporary)}) == 3
