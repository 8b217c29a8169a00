from __future__ import annotations

import itertools
import re
import shlex
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from build_support.bundles.packages import find_uv
from build_support.errors import ProjectError
from build_support.projects.lock_advice import LOCK_TOOLS, lock_advice
from build_support.projects.requirements import read_lock
from tests.wheels import make_pure_wheel

_TABLE = '[tool.djdesk]\nname = "x"\n'
_PROJECT = (
    '[project]\nname = "web"\nversion = "1"\nrequires-python = ">=3.11"\n'
    f'dependencies = ["alpha"]\n\n{_TABLE}'
)
_HASHED = f"alpha==1 --hash=sha256:{'a' * 64}\n"
_UV_LOCK = f"""
version = 1
revision = 3
requires-python = ">=3.99"

[[package]]
name = "alpha"
version = "1"
source = {{ registry = "https://index.invalid/simple" }}
wheels = [
    {{ url = "https://index.invalid/alpha-1-py3-none-any.whl", hash = "sha256:{"a" * 64}" }},
]

[[package]]
name = "web"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "alpha" }}]
"""
#: The value of `requirements`, and the project's files.
SITUATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "a project": ("requirements.lock", {"pyproject.toml": _PROJECT}),
    "an old lock": (
        "requirements.lock",
        {"pyproject.toml": _PROJECT, "requirements.lock": _HASHED},
    ),
    "another place": ("locks/desktop.txt", {"pyproject.toml": _PROJECT, "locks/x": ""}),
    "only our table": ("requirements.lock", {"pyproject.toml": _TABLE}),
    "only our table, and a list": (
        "requirements.lock",
        {"pyproject.toml": _TABLE, "requirements.txt": "alpha\n"},
    ),
    "a list that is named": (
        "requirements.txt",
        {"pyproject.toml": _TABLE, "requirements.txt": "alpha\n"},
    ),
    "a list in a folder": (
        "requirements.lock",
        {"pyproject.toml": _TABLE, "requirements/base.txt": "alpha\n"},
    ),
    "a list and a lock of it": (
        "requirements.txt",
        {
            "pyproject.toml": _TABLE,
            "requirements.in": "alpha\n",
            "requirements.txt": f"# pinned\n{_HASHED}beta\n",
        },
    ),
    "pyproject.toml is named": ("pyproject.toml", {"pyproject.toml": _PROJECT}),
    "a list in the lock's place": (
        "requirements.lock",
        {"pyproject.toml": _PROJECT, "requirements.lock": "alpha>=1\n"},
    ),
    "every name is taken": (
        "requirements.lock",
        {
            "pyproject.toml": _PROJECT,
            **dict.fromkeys(("requirements.lock", "desktop.lock", "djdesk.lock"), "alpha\n"),
        },
    ),
    "uv.lock is named": ("uv.lock", {"pyproject.toml": _PROJECT, "uv.lock": "made by uv\n"}),
    "uv.lock is there": (
        "requirements.lock",
        {"pyproject.toml": _PROJECT, "uv.lock": "made by uv\n"},
    ),
    "poetry.lock is named": (
        "poetry.lock",
        {"pyproject.toml": _TABLE, "poetry.lock": "[[package]]"},
    ),
    "Pipfile.lock is named": ("Pipfile.lock", {"pyproject.toml": _TABLE, "Pipfile.lock": "{}"}),
    "pylock.toml is named": ("pylock.toml", {"pyproject.toml": _PROJECT, "pylock.toml": "x = 1"}),
}


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    make_pure_wheel(folder, "alpha", {"alpha.py": ""})
    for name, value in {
        "UV_FIND_LINKS": str(folder),
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": str(tmp_path / "uv"),
    }.items():
        monkeypatch.setenv(name, value)
    return folder


def _make(root: Path, files: dict[str, str]) -> dict[Path, str]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return {root / name: text for name, text in files.items()}


def _command(advice: str) -> list[str]:
    found = re.search(r"\b(uv|poetry|pdm|pipenv) (?:.*)$", advice, re.MULTILINE)
    assert found, advice
    return shlex.split(found[0])


def _output(advice: str) -> str:
    command = _command(advice)
    marks = {"-o", "--output", ">"}
    return next(after for word, after in itertools.pairwise(command) if word in marks)


@pytest.mark.parametrize("case", SITUATIONS)
def test_no_advice_overwrites_anything_but_a_lock(tmp_path: Path, case: str) -> None:
    requirements, files = SITUATIONS[case]
    _make(tmp_path, files)
    output = _output(lock_advice(tmp_path, PurePosixPath(requirements)))
    assert output not in LOCK_TOOLS
    assert "--hash=sha256:" in files.get(output, "--hash=sha256:")


@pytest.mark.parametrize("case", SITUATIONS)
def test_a_lock_elsewhere_is_one_that_the_project_is_told_to_name(
    tmp_path: Path, case: str
) -> None:
    requirements, files = SITUATIONS[case]
    _make(tmp_path, files)
    advice = lock_advice(tmp_path, PurePosixPath(requirements))
    output = _output(advice)
    assert (f'requirements = "{output}"' in advice) == (output != requirements)


@pytest.mark.usefixtures("wheels")
@pytest.mark.parametrize(
    "case",
    [case for case in SITUATIONS if case.split(" ")[0] not in {"poetry.lock", "Pipfile.lock"}],
)
def test_the_command_works_and_leaves_every_file_as_it_is(tmp_path: Path, case: str) -> None:
    requirements, files = SITUATIONS[case]
    root = tmp_path / "project"
    root.mkdir()
    before = _make(root, files)
    uv = str(find_uv())
    if "uv.lock" in files:  # the real one
        (root / "uv.lock").unlink()
        _run([uv, "lock"], root)
        before[root / "uv.lock"] = (root / "uv.lock").read_text()
    advice = lock_advice(root, PurePosixPath(requirements))
    if "requirements.in, a name" in advice:
        (root / "requirements.in").write_text("alpha\n")
    command = _command(advice)
    _run([uv, *command[1:]], root)
    output = root / _output(advice)
    if "uv.lock" in files:  # which has no hash of a wheel in a folder
        assert "\nalpha==1" in output.read_text()
    else:
        assert [entry.name for entry in read_lock(output)] == ["alpha"]
    assert {path: path.read_text() for path in before if path != output} == {
        path: text for path, text in before.items() if path != output
    }


@pytest.mark.usefixtures("wheels")
def test_the_command_needs_neither_an_index_nor_a_python_that_the_project_takes(
    tmp_path: Path,
) -> None:
    """What a lock of uv says is enough, on a machine that could not run the project."""
    project = _PROJECT.replace(">=3.11", ">=3.99")
    _make(tmp_path, {"pyproject.toml": project, "uv.lock": _UV_LOCK})
    command = _command(lock_advice(tmp_path, PurePosixPath("requirements.lock")))
    _run([str(find_uv()), *command[1:]], tmp_path)
    assert [entry.name for entry in read_lock(tmp_path / "requirements.lock")] == ["alpha"]


@pytest.mark.parametrize("name", LOCK_TOOLS)
def test_a_lock_that_is_outdated_is_renewed_first(tmp_path: Path, name: str) -> None:
    _make(tmp_path, {"pyproject.toml": _PROJECT, name: ""})
    requirements = PurePosixPath("requirements.lock")
    as_it_is = lock_advice(tmp_path, requirements).splitlines()
    renewed = lock_advice(tmp_path, requirements, outdated=True).splitlines()
    assert [line for line in renewed if line not in as_it_is] == [renewed[1]]
    assert renewed[1].endswith(" lock")


def _run(command: list[str], folder: Path) -> None:
    finished = subprocess.run(
        command, cwd=folder, capture_output=True, check=False, encoding="utf-8", timeout=120
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("name", [*LOCK_TOOLS, "pylock.toml", "pylock.web.toml", "other.lock"])
def test_a_lock_of_another_tool_is_told_from_a_wrong_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('[[package]]\nname = "alpha"\n')
    with pytest.raises(ProjectError) as caught:
        read_lock(tmp_path / name)
    assert "line" not in caught.value.what
    assert name in caught.value.what
    assert _output(caught.value.hint) != name
