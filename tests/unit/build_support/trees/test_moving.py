"""What Windows refuses for a moment is tried again; what is refused for good is not."""

from __future__ import annotations

import ast
import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import build_support
from build_support.trees import moving
from build_support.trees.folders import remove_tree, replace_tree

BUILD_SUPPORT = Path(build_support.__file__).parent
_PATIENT = "trees/moving.py"
#: Runs on Linux alone.
_LINUX = "debian/"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Act as Windows does; the pauses that were made."""
    made: list[float] = []
    monkeypatch.setattr(moving, "REFUSES_OPEN_FILES", True)
    monkeypatch.setattr("build_support.trees.moving.time.sleep", made.append)
    return made


Refuse = Callable[[str, int, int], None]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Let a method of Path fail with an error for so many times."""

    def refuse(method: str, number: int, times: int) -> None:
        real = getattr(Path, method)
        left = [times]

        def sometimes(self: Path, *words: object, **options: object) -> object:
            if left[0] > 0:
                left[0] -= 1
                raise OSError(number, "in use", str(self))
            return real(self, *words, **options)

        monkeypatch.setattr(Path, method, sometimes)

    return refuse


def test_an_exchange_of_trees_outlasts_a_virus_scanner(
    tmp_path: Path, pauses: list[float], refuse: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("build_support.trees.folders._EXCHANGES", {})
    for name in ("new", "current"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    refuse("replace", errno.EACCES, 3)
    replace_tree(tmp_path / "new", tmp_path / "current")
    assert [path.name for path in (tmp_path / "current").iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["current"]
    assert len(pauses) == 3


def test_what_stays_in_use_fails_in_the_end(
    tmp_path: Path, pauses: list[float], refuse: Refuse
) -> None:
    (tmp_path / "a").touch()
    refuse("replace", errno.EACCES, 1000)
    with pytest.raises(PermissionError):
        moving.move(tmp_path / "a", tmp_path / "b")
    assert tuple(pauses) == moving.PAUSES


def test_other_failures_are_told_at_once(
    tmp_path: Path, pauses: list[float], refuse: Refuse
) -> None:
    with pytest.raises(FileNotFoundError):
        moving.move(tmp_path / "none", tmp_path / "b")
    refuse("unlink", errno.EIO, 1)
    with pytest.raises(OSError, match="in use"):
        moving.delete(tmp_path / "none")
    assert pauses == []


def test_other_systems_do_not_wait(tmp_path: Path, refuse: Refuse) -> None:
    (tmp_path / "a").touch()
    refuse("replace", errno.EACCES, 1)
    if moving.REFUSES_OPEN_FILES:
        pytest.skip("this is Windows")
    with pytest.raises(PermissionError):
        moving.move(tmp_path / "a", tmp_path / "b")


def test_a_folder_whose_last_file_is_about_to_go_is_deleted(
    tmp_path: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tree"
    (folder / "below").mkdir(parents=True)
    real, calls = shutil.rmtree, []

    def busy(path: Path) -> None:
        calls.append(path)
        if len(calls) < 4:
            raise OSError(errno.ENOTEMPTY, "not empty", str(path))
        real(path)

    monkeypatch.setattr(shutil, "rmtree", busy)
    remove_tree(folder)
    assert not folder.exists()
    assert pauses


def _impatient_calls(file: Path) -> list[str]:
    """Find calls that rename, or delete a folder, and give up at the first refusal."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, count = node.func.attr, len(node.args)
            # str.replace has two arguments, that of datetime and codes none but keywords.
            if name == "rename" or (name == "replace" and count == 1):
                found.append(f"{file.name}:{node.lineno} {name}")
            if ast.unparse(node.func) == "os.replace":
                found.append(f"{file.name}:{node.lineno} os.replace")
    return found


def test_whatever_renames_does_so_with_patience() -> None:
    files = {
        path.relative_to(BUILD_SUPPORT).as_posix(): path for path in BUILD_SUPPORT.rglob("*.py")
    }
    kept = [path for name, path in files.items() if name != _PATIENT and _LINUX not in name]
    assert len(kept) > 100
    assert [call for path in kept for call in _impatient_calls(path)] == []
