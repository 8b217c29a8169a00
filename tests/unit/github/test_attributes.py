"""A checkout has the same bytes on every system, whatever git is told there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_TEXT = "a = 1\nb = 2\n"


def _git(folder: Path, *words: str) -> None:
    options = ("-c", "core.autocrlf=true", "-c", "core.eol=crlf", "-c", "core.safecrlf=false")
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(
        ["git", *options, *identity, *words], cwd=folder, check=True, capture_output=True
    )


@pytest.mark.parametrize("name", ["app.py", "uv.lock", "a.json", "page.html", "LICENSE", "a.cjs"])
def test_text_is_checked_out_with_its_own_line_ends_on_windows(name: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    file = tmp_path / name
    file.write_text(_TEXT, encoding="utf-8", newline="\n")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-q", "-m", "x")
    file.unlink()
    _git(tmp_path, "checkout", "--", name)
    assert file.read_bytes() == _TEXT.encode()


def test_pictures_are_never_changed(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    picture = tmp_path / "a.png"
    picture.write_bytes(_TEXT.replace("\n", "\r\n").encode())
    before = picture.read_bytes()
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-q", "-m", "x")
    picture.unlink()
    _git(tmp_path, "checkout", "--", "a.png")
    assert picture.read_bytes() == before
