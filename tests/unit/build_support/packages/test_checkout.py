from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from build_support.packages.checkout import examine_checkouts

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *words: str) -> None:
    names = {
        f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    subprocess.run(["git", "-C", folder, *words], env={**os.environ, **names}, check=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / ".gitignore").write_text("ignored\n", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "First")
    return folder


def test_a_clean_checkout_and_its_tags(checkout: Path) -> None:
    git(checkout, "tag", "v1.0")
    git(checkout, "tag", "latest")
    (checkout / "ignored").touch()
    found = examine_checkouts(checkout)
    assert len(found.commit) == 7
    assert set(found.tags) == {"latest", "v1.0"}
    assert found.changes == ()


def test_changed_and_new_files_of_all_folders(checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(checkout, other)
    (checkout / ".gitignore").write_text("", encoding="utf-8")
    (other / "new.py").touch()
    found = examine_checkouts(checkout, other, checkout)
    assert set(found.changes) == {".gitignore", "new.py"}
    assert found.tags == ()


def test_outside_of_git_nothing_is_known(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    folder.mkdir()
    found = examine_checkouts(folder)
    assert (found.commit, found.tags, found.changes) == ("", (), ())
