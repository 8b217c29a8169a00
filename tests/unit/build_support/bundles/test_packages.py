from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from build_support.bundles import packages
from build_support.bundles.packages import find_uv
from build_support.cache import Cache
from build_support.errors import ProjectError, ToolError
from build_support.projects.requirements import LockedRequirement, render
from build_support.target import TARGETS, Target
from build_support.trees.bytecode import Compiler
from build_support.trees.folders import FILE_TIME

LINUX = TARGETS["linux-x86_64"]
LOCK = (LockedRequirement(Requirement("x==1"), ("--hash=sha256:" + "a" * 64,)),)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "Because x==1 has no wheels with a matching Python ABI tag (e.g., `cp314`)",
            "Choose a version that has a wheel for CPython 3.14 on linux-x86_64",
        ),
        ("Because x==1 has no usable wheels and building is disabled", "Choose a version"),
        ("error: Hash mismatch for `x==1`\n\nExpected:\n  sha256:aa", "Find out why"),
        ("hash mismatch for x", "Find out why"),
        ("In `--require-hashes` mode, all requirements must be pinned", "Find out why"),
        ("error: Failed to fetch: `https://…`\n  Caused by: dns error", "fetched before"),
        ("", "fetched before"),
    ],
)
def test_what_uv_says_is_explained(said: str, words: str) -> None:
    explained = packages._explain(ToolError("It failed.", why=said), LINUX)
    assert words in explained.hint
    assert (explained.what, explained.why) == ("It failed.", said)


def test_traces_of_the_host_are_removed(tmp_path: Path) -> None:
    for name in ("bin/tool", "Scripts/tool.exe", ".lock", "x/bin/kept", "x-1.dist-info/RECORD"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#!/home/me/python\n" if "tool" in name else "")
    packages._remove_traces(tmp_path)
    packages._remove_traces(tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert found == {"x", "x/bin", "x/bin/kept", "x-1.dist-info", "x-1.dist-info/RECORD"}


def test_records_name_what_is_there_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "packages" / "key"
    for name in ("x/é, b.py", "x/a.py", "x-1.dist-info/METADATA", "y-2.dist-info/RECORD"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").touch()
    record = folder / "x-1.dist-info" / "RECORD"
    record.write_bytes(
        '"x/é, b.py",sha256=bb,2\r\nx/gone.po,sha256=cc,3\r\nx/a.py,sha256=aa,1\r\n'
        "../../bin/tool,sha256=dd,4\r\n\r\nx-1.dist-info/METADATA,,\r\n"
        "x-1.dist-info/RECORD,,\r\nx,,\r\n".encode()
    )
    packages._rewrite_records(folder)
    expected = (
        "x-1.dist-info/METADATA,,\nx-1.dist-info/RECORD,,\nx/a.py,sha256=aa,1\n"
        '"x/é, b.py",sha256=bb,2\n'
    )
    assert record.read_bytes() == expected.encode()
    packages._rewrite_records(folder)
    assert record.read_bytes() == expected.encode()
    assert (folder / "y-2.dist-info" / "RECORD").read_bytes() == b""


def test_uv_is_the_one_installed_with_nox() -> None:
    found = find_uv()
    assert found.is_file()
    assert found.name.startswith("uv")


def test_else_uv_is_the_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / ("uv.exe" if os.name == "nt" else "uv")
    program.touch()
    program.chmod(0o755)
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_uv() == program


def test_without_uv_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError) as caught:
        find_uv()
    assert "pip install" in caught.value.hint


_UV = """#!{python}
import os, sys
from pathlib import Path
words = sys.argv[1:]
folder = Path(words[words.index("--target") + 1])
lock = Path(words[words.index("--requirement") + 1])
left = sorted(path.name for path in folder.parent.iterdir())
(folder / "said").write_text(repr((words, lock.read_text(), left, lock.parent == folder)))
print("the reason", file=sys.stderr)
sys.exit({code})
"""


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Put a program in uv's place that notes what it is given, and ends with this code."""

    def put(code: int) -> None:
        program = tmp_path / "uv"
        program.write_text(_UV.format(python=sys.executable, code=code))
        program.chmod(0o755)
        monkeypatch.setattr(packages, "find_uv", lambda: program)

    return put


@pytest.mark.skipif(os.name == "nt", reason="the program is a script")
@pytest.mark.parametrize("name", ["linux-arm64", "windows-x86_64"])
def test_uv_installs_the_lock_for_the_target(
    tmp_path: Path, uv: Callable[[int], None], name: str
) -> None:
    uv(0)
    folder = tmp_path / "stage" / "key.partial"
    packages._install(LOCK, TARGETS[name], folder)
    said = (folder / "said").read_text()
    for word in ("--require-hashes", "--only-binary", "--no-deps", TARGETS[name].uv_platform):
        assert repr(word) in said
    assert repr(render(LOCK)) in said
    assert "--link-mode" not in said  # uv's own choice is the fastest one
    assert [path.name for path in folder.iterdir()] == ["said"]
    # A build that is killed here leaves one folder, which `Cache.sweep` knows.
    assert said.endswith("['key.partial'], True)")


@pytest.mark.skipif(os.name == "nt", reason="the program is a script")
def test_a_failed_install_says_why_and_leaves_no_lock(
    tmp_path: Path, uv: Callable[[int], None]
) -> None:
    uv(2)
    folder = tmp_path / "stage" / "key.partial"
    with pytest.raises(ProjectError, match="linux-x86_64") as caught:
        packages._install(LOCK, LINUX, folder)
    assert "the reason" in caught.value.why
    assert [path.name for path in folder.iterdir()] == ["said"]


Install = Callable[..., Path]
_DEVELOPED = ("django/x.po", "django/y.po", "bin/tool", ".lock")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """What stands for uv's cache: files that installed ones are links to."""
    wheels = tmp_path / "wheels"
    for name in ("x/__init__.py", "x-1.dist-info/RECORD", *_DEVELOPED):
        (wheels / name).parent.mkdir(parents=True, exist_ok=True)
        text = {".py": f"# {name}\n"}.get(Path(name).suffix, "#!x" if "bin/" in name else "")
        (wheels / name).write_text(text)
        (wheels / name).chmod(0o600)
    rows = ["django/x.po,,", "django/y.po,,", "x/__init__.py,,", "../bin/tool,,"]
    (wheels / "x-1.dist-info" / "RECORD").write_text("\n".join(rows))
    return wheels


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, wheels: Path) -> list[Path]:
    """Put an installer in uv's place that makes links, and note into which folders."""
    folders: list[Path] = []

    def install(_: object, __: Target, folder: Path) -> None:
        shutil.copytree(wheels, folder, copy_function=os.link)
        folders.append(folder)

    monkeypatch.setattr(packages, "_install", install)
    return folders


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Compile nothing, and note with which interpreter it would have been done."""
    executables: list[Path] = []

    def compile_trees(executable: Path, trees: Sequence[object], *, strict: bool) -> None:
        assert (len(trees), strict) == (1, False)
        executables.append(executable)

    monkeypatch.setattr(packages, "compile_trees", compile_trees)
    return executables


@pytest.fixture
def install(tmp_path: Path) -> Install:
    def install(**changes: Any) -> Path:  # noqa: ANN401 - those of install_packages
        usual: dict[str, Any] = {
            "lock": LOCK,
            "target": LINUX,
            "languages": None,
            "compiler": Compiler("3.14.10", lambda: Path("python3")),
            "cache": Cache(tmp_path / "cache"),
        }
        return packages.install_packages(**{**usual, **changes})

    return install


@pytest.mark.usefixtures("compiled")
def test_the_tree_holds_copies_of_what_is_kept_and_links_of_nothing(
    install: Install, installed: list[Path], wheels: Path
) -> None:
    before = _look(wheels)
    tree = install()
    assert _look(wheels) == before
    assert {path.name for path in tree.iterdir()} == {"packages", "files.tsv"}
    made = tree / "packages"
    assert set(_look(made)) == {"x", "x/__init__.py", "x-1.dist-info", "x-1.dist-info/RECORD"}
    for path in made.rglob("*"):
        assert path.is_dir() or path.stat().st_nlink == 1
        assert int(path.stat().st_mtime) == FILE_TIME
    assert (made / "x" / "__init__.py").read_text() == "# x/__init__.py\n"
    assert (made / "x-1.dist-info" / "RECORD").read_text() == "x/__init__.py,,\n"
    # A build that is killed meanwhile leaves one folder, which `Cache.sweep` knows.
    (folder,) = installed
    assert folder.parent == tree.with_name(f"{tree.name}.partial")


def _look(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Each path below a folder with its mode, time and content."""
    return {
        path.relative_to(root).as_posix(): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            b"" if path.is_dir() else path.read_bytes(),
        )
        for path in root.rglob("*")
    }


def test_a_tree_is_found_again_without_waiting_for_the_compiler(
    install: Install, installed: list[Path], compiled: list[Path]
) -> None:
    def never() -> Path:
        raise AssertionError("Nothing is to be compiled.")

    tree = install()
    assert install(compiler=Compiler("3.14.10", never)) == tree
    assert (len(installed), compiled) == (1, [Path("python3")])
    assert install(force=True) == tree
    assert (len(installed), len(compiled)) == (2, 2)


@pytest.mark.usefixtures("compiled", "installed")
@pytest.mark.parametrize(
    "change",
    [
        {"lock": ()},
        {"target": TARGETS["linux-arm64"]},
        {"languages": ()},
        {"compiler": Compiler("3.14.11", lambda: Path("python3"))},
    ],
)
def test_other_inputs_give_another_tree(install: Install, change: dict[str, Any]) -> None:
    assert install(**change) != install()
