from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from build_support import environments
from build_support.environments import make_environment
from build_support.errors import ToolError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the program is a script")

#: Notes what it is asked for; makes an environment, and installs unless told to fail.
_UV = """#!{python}
import sys
from pathlib import Path
words, here = sys.argv[1:], Path({here!r})
with (here / "asked").open("a") as asked:
    asked.write(words[0] + chr(10))
if words[0] == "venv":
    (Path(words[-1]) / "bin").mkdir(parents=True)
    (Path(words[-1]) / "bin" / "python").touch()
elif (here / "fail").exists():
    sys.exit("no network")
else:
    assert "--require-hashes" in words and "--no-deps" in words
"""


@pytest.fixture(autouse=True)
def _uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "uv"
    program.write_text(_UV.format(python=sys.executable, here=str(tmp_path)))
    program.chmod(0o755)
    monkeypatch.setattr(environments, "find_uv", lambda: program)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    lock = tmp_path / "requirements.lock"
    lock.write_text("x==1")
    return lock


def _asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().split()


def test_an_environment_is_made_once_for_each_lock_and_python(tmp_path: Path, lock: Path) -> None:
    folder = tmp_path / "environment"
    for times, python in ((1, "python3.14"), (1, "python3.14"), (2, "python3.15")):
        assert make_environment(folder, Path(python), lock) == folder / "bin" / "python"
        assert _asked(tmp_path) == ["venv", "pip"] * times
    lock.write_text("x==2")
    make_environment(folder, Path("python3.15"), lock)
    assert _asked(tmp_path) == ["venv", "pip"] * 3


@pytest.mark.parametrize("damage", ["made-from", "bin/python"])
def test_a_damaged_environment_is_made_again(tmp_path: Path, lock: Path, damage: str) -> None:
    folder = tmp_path / "environment"
    make_environment(folder, Path("python"), lock)
    (folder / damage).unlink()
    (folder / "leftover").touch()
    make_environment(folder, Path("python"), lock)
    assert _asked(tmp_path) == ["venv", "pip"] * 2
    assert not (folder / "leftover").exists()


def test_a_half_made_environment_is_not_taken_for_one(tmp_path: Path, lock: Path) -> None:
    (tmp_path / "fail").touch()
    with pytest.raises(ToolError) as caught:
        make_environment(tmp_path / "environment", Path("python"), lock)
    assert "no network" in caught.value.why
    assert caught.value.hint
    (tmp_path / "fail").unlink()
    make_environment(tmp_path / "environment", Path("python"), lock)
    assert _asked(tmp_path) == ["venv", "pip"] * 2
