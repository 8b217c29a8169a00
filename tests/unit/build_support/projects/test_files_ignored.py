from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from build_support.errors import ProjectError
from build_support.projects.files import list_files
from tests.unit.build_support.projects.made_project import Make, made_project


def _list(root: Path) -> list[str]:
    return [str(file.path) for file in list_files(made_project(root))]


#: .gitignore files, the files that are there, and those of them that are shipped: what
#: `git ls-files --others --exclude-standard` shows.
IGNORES: dict[str, tuple[dict[str, str], list[str], list[str]]] = {
    "name anywhere": ({"": "*.tmp\n"}, ["a.tmp", "d/b.tmp", "c.py"], ["c.py"]),
    "comment and blank": ({"": "# a.py\n\n  \n"}, ["a.py"], ["a.py"]),
    "escaped": ({"": "\\#a\n\\!b\n"}, ["#a", "!b", "a"], ["a"]),
    "anchored": ({"": "/src/a.py\n"}, ["a.py", "d/a.py"], ["d/a.py"]),
    "middle slash": ({"": "d/a.py\n"}, ["d/a.py", "a.py"], ["a.py", "d/a.py"]),
    "folder only": ({"": "out/\n"}, ["out/a", "d/out"], ["d/out"]),
    "folder not taken back": ({"": "out/\n!out/a\n"}, ["out/a", "b"], ["b"]),
    "content taken back": ({"": "src/out/*\n!src/out/a\n"}, ["out/a", "out/b"], ["out/a"]),
    "stars taken back": ({"": "src/out/**\n!src/out/a\n"}, ["out/a", "out/b"], ["out/a"]),
    "stars between": ({"": "src/**/x\n"}, ["x", "a/b/x", "a/y"], ["a/y"]),
    "stars before": ({"": "**/x\n"}, ["x", "a/b/x", "a/y"], ["a/y"]),
    "last one counts": ({"": "*.a\n!b.a\nb.*\n"}, ["a.a", "b.a", "c"], ["c"]),
    "one character": ({"": "?.py\n[0-9]x\n"}, ["a.py", "ab.py", "1x", "ax"], ["ab.py", "ax"]),
    "spaces": ({"": "a b  \n"}, ["a b", "a"], ["a"]),
    "other ends of lines": ({"": "*.tmp\r\nx/\r\n"}, ["a.tmp", "x/a", "b"], ["b"]),
    "byte order mark": ({"": "\ufeff*.tmp\n"}, ["a.tmp", "b"], ["b"]),
    "non-ASCII": ({"": "é*\n"}, ["éa", "e"], ["e"]),
    "case": ({"": "A\n"}, ["a"], ["a"]),
    "nested": ({"src/d": "*.tmp\n"}, ["a.tmp", "d/a.tmp", "d/e/b.tmp"], ["a.tmp"]),
    "nested anchored": ({"src/d": "/a\n"}, ["a", "d/a", "d/e/a"], ["a", "d/e/a"]),
    "nested takes back": ({"": "*.tmp\n", "src/d": "!*.tmp\n"}, ["a.tmp", "d/a.tmp"], ["d/a.tmp"]),
    "nested in ignored": ({"": "d/\n", "src/d": "!a\n"}, ["d/a", "b"], ["b"]),
    "nested ignores all": ({"src/d": "*\n"}, ["d/a", "d/e/a", "b"], ["b"]),
    "nested more": (
        {"src": "a\n", "src/d": "!a\n", "src/d/e": "a\n"},
        ["a", "d/a", "d/e/a"],
        ["d/a"],
    ),
}


@pytest.mark.parametrize("case", IGNORES)
def test_gitignore_is_understood_as_git_does(make: Make, case: str) -> None:
    ignores, names, expected = IGNORES[case]
    files = {f"src/{name}": "" for name in names}
    rules = {f"{folder}/.gitignore".lstrip("/"): text for folder, text in ignores.items()}
    root = make(*files)
    for name, text in rules.items():
        (root / name).write_bytes(text.encode())
    assert sorted(_list(root)) == sorted(f"src/{name}" for name in expected)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git to compare with")
def test_the_table_above_is_what_git_says(tmp_path: Path) -> None:
    for case, (ignores, names, _) in IGNORES.items():
        for name in names:
            (tmp_path / case / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / case / "src" / name).touch()
        for folder, text in ignores.items():
            (tmp_path / case / folder / ".gitignore").write_bytes(text.encode())
    hidden = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}

    def git(case: str, *words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(tmp_path / case), "-c", "init.defaultBranch=main", *words],
            env={**environment, **hidden},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout

    for case, (_, _, expected) in IGNORES.items():
        git(case, "init", "-q")
        shown = git(case, "ls-files", "-z", "--others", "--exclude-standard", "src")
        found = {name for name in shown.split("\0") if name and not name.endswith(".gitignore")}
        assert found == {f"src/{name}" for name in expected}, case


@pytest.mark.parametrize("content", [b"caf\xe9\n", b"wrong\\\n"])
def test_a_gitignore_that_cannot_be_read_is_named(make: Make, content: bytes) -> None:
    root = make("src/a.py")
    (root / ".gitignore").write_bytes(content)
    with pytest.raises(ProjectError) as caught:
        _list(root)
    assert f"{root / '.gitignore'} cannot be read" in caught.value.what
    assert caught.value.hint
