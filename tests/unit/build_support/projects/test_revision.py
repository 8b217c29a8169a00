from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.projects.revision import UNKNOWN, find_revision

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")

Git = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return folder


@pytest.fixture
def git(folder: Path) -> Git:
    def git(*words: str) -> str:
        who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
        command = ["git", "-C", str(folder), "-c", "init.defaultBranch=main", *who, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    return git


@pytest.fixture
def commit(folder: Path, git: Git) -> str:
    (folder / "inside").mkdir()
    for name in ("a", "inside/b"):
        (folder / name).write_text("1")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "First")
    return git("rev-parse", "HEAD")


def test_a_clean_checkout_is_its_short_commit(folder: Path, commit: str) -> None:
    assert find_revision(folder) == find_revision(folder / "inside") == commit[:7]


def test_what_is_not_tracked_changes_nothing(folder: Path, commit: str) -> None:
    (folder / "new").touch()
    assert find_revision(folder) == commit[:7]


@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_file_is_marked_where_it_belongs(
    folder: Path, git: Git, commit: str, staged: bool
) -> None:
    (folder / "a").write_text("2")
    if staged:
        git("add", "a")
    assert find_revision(folder) == f"{commit[:7]}+"
    assert find_revision(folder / "inside") == commit[:7]


def test_git_s_own_files_are_left_alone(folder: Path, commit: str) -> None:
    # As a person may be at work with git at the same moment.
    os.utime(folder / "a", (1, 1))
    index = (folder / ".git" / "index").read_bytes()
    assert find_revision(folder) == commit[:7]
    assert (folder / ".git" / "index").read_bytes() == index


def test_no_commit_no_checkout_no_folder(folder: Path, git: Git) -> None:
    assert find_revision(folder) == UNKNOWN
    git("init", "-q")
    assert find_revision(folder) == UNKNOWN
    assert find_revision(folder / "none") == UNKNOWN


def test_no_git(folder: Path, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    assert find_revision(folder) == UNKNOWN
