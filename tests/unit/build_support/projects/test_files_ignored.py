from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from build_support.errors import ProjectError
from build_support.projects import ignored
from build_support.projects.files import list_files
from build_support.projects.git import git_environment
from tests import unix
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
    assert str(root / ".gitignore") in caught.value.what
    assert caught.value.hint


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def _git(folder: Path, *argv: str) -> str:
    return subprocess.run(
        ["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@example.org", *argv],
        env={**git_environment(os.environ), "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    ).stdout


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: the developer's rules are not those of these tests."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return folder


@pytest.fixture(params=["git", "library"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Ask git itself, and then a machine that has none."""
    asked: str = request.param
    if asked == "git" and shutil.which("git") is None:
        pytest.skip("there is no git")
    if asked == "library":
        monkeypatch.setattr(ignored, "ask_git", lambda *_: None)
    return asked


@pytest.mark.parametrize("case", IGNORES)
@pytest.mark.usefixtures("either")
def test_gitignore_is_understood_in_a_repository(make: Make, case: str) -> None:
    ignores, names, expected = IGNORES[case]
    root = make(*(f"src/{name}" for name in names))
    for folder, text in ignores.items():
        (root / folder / ".gitignore").write_bytes(text.encode())
    if shutil.which("git"):
        _git(root, "init", "-q")
    assert sorted(_list(root)) == sorted(f"src/{name}" for name in expected)


@needs_git
@pytest.mark.usefixtures("either")
def test_rules_outside_of_gitignore_files_count(make: Make, home: Path) -> None:
    root = make("src/a.py", "src/excluded.txt", "src/global.txt", "src/taken-back.txt")
    _git(root, "init", "-q")
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "exclude").write_text("excluded.txt\n!taken-back.txt\n")
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "ignore").write_text("global.txt\ntaken-back.txt\n")
    assert _list(root) == ["src/a.py", "src/taken-back.txt"]


@needs_git
def test_the_file_that_git_is_configured_with_counts(make: Make, home: Path) -> None:
    root = make("src/a.py", "src/b.txt")
    _git(root, "init", "-q")
    (home / ".gitconfig").write_text("[core]\nexcludesFile = ~/my-ignores\n")
    (home / "my-ignores").write_text("b.txt\n")
    assert _list(root) == ["src/a.py"]


@needs_git
@pytest.mark.usefixtures("either")
def test_a_project_in_a_sub_folder_obeys_the_rules_above_it(make: Make) -> None:
    root = make("mono/web/src/a.py", "mono/web/src/b.tmp", "mono/web/src/c.txt", "mono/src/x.py")
    (root / "mono" / ".gitignore").write_text("*.tmp\n/web/src/c.txt\n")
    _git(root / "mono", "init", "-q")
    assert _list(root / "mono" / "web") == ["src/a.py"]


@needs_git
@pytest.mark.usefixtures("either")
def test_a_repository_that_ignores_the_whole_project_is_not_its_own(make: Make) -> None:
    root = make("work/web/src/a.py", "work/web/src/b.tmp", **{".gitignore": "*\n!.gitignore\n"})
    (root / "work" / "web" / ".gitignore").write_text("*.tmp\n")
    _git(root, "init", "-q")
    assert _list(root / "work" / "web") == ["src/a.py"]


@needs_git
def test_what_is_tracked_is_shipped_although_a_rule_names_it(make: Make) -> None:
    root = make("src/a.py", "src/built/app.js", "src/built/map.js", **{".gitignore": "built/\n"})
    _git(root, "init", "-q")
    _git(root, "add", "--force", "src/built/app.js")
    assert _list(root) == ["src/a.py", "src/built/app.js"]


@needs_git
def test_a_worktree_obeys_the_rules_of_its_repository(make: Make, either: str) -> None:
    root = make("main/src/a.py") / "main"
    _git(root, "init", "-q")
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "x")
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "exclude").write_text("b.txt\n")
    tree = root.parent / "tree"
    _git(root, "worktree", "add", "-q", str(tree))
    (tree / "src" / "b.txt").touch()
    (tree / "src" / "c.txt").touch()
    assert _list(tree) == ["src/a.py", "src/c.txt"]
    if either == "git":
        shutil.rmtree(root)  # as in a container that has the worktree only
        assert _list(tree) == ["src/a.py", "src/b.txt", "src/c.txt"]


@needs_git
@pytest.mark.skipif(sys.platform != "linux", reason="only there are these names all different")
def test_names_of_any_kind_are_known(make: Make) -> None:
    names = ['q"uo te.txt', "tab\there.txt", "new\nline.txt", "é.txt", "e\u0301.txt", "*.txt"]
    root = make(*(f"src/{name}" for name in names), *(f"src/out/{name}" for name in names))
    (root / ".gitignore").write_text("out/\n")
    _git(root, "init", "-q")
    _git(root, "add", "src/é.txt", "src/new\nline.txt")
    assert _list(root) == sorted(f"src/{name}" for name in names)


@needs_git
def test_variables_of_a_hook_do_not_name_another_repository(
    make: Make, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    _git(other, "init", "-q")
    root = make("src/a.py", "src/b.tmp", **{".gitignore": "*.tmp\n"})
    _git(root, "init", "-q")
    hook = {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git" / "index"),
        "GIT_CEILING_DIRECTORIES": str(root.parent),
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.worktree",
        "GIT_CONFIG_VALUE_0": str(other),
    }
    for name, value in hook.items():
        monkeypatch.setenv(name, value)
    assert _list(root) == ["src/a.py"]


@needs_git
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or unix.geteuid() != 0, reason="only root gives files away"
)
def test_a_checkout_of_another_user_is_asked_as_well(make: Make) -> None:
    root = make("src/a.py", "src/b.tmp", "src/c.log2")
    (root / ".gitignore").write_text("*.tmp\n")
    _git(root, "init", "-q")
    (root / ".git" / "info" / "exclude").write_text("*.log2\n")
    for path in (root, *root.rglob("*")):
        unix.chown(path, 12_345, 12_345)
    # Git itself refuses, and nothing of that may be taken for "there is no repository".
    refused = subprocess.run(
        ["git", "-C", root, "status"], capture_output=True, check=False, timeout=60
    )
    assert refused.returncode != 0
    assert _list(root) == ["src/a.py"]


@needs_git
def test_no_program_that_a_repository_names_is_run(make: Make) -> None:
    root = make("src/a.py")
    _git(root, "init", "-q")
    program = root / "program"
    program.write_text(f"#!/bin/sh\ntouch '{root}/was-run'\n")
    program.chmod(0o755)
    _git(root, "config", "core.fsmonitor", str(program))
    assert _list(root) == ["src/a.py"]
    assert not (root / "was-run").exists()
