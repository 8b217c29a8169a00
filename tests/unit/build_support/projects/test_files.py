from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from build_support.errors import ProjectError
from build_support.projects.files import NEVER, NEVER_AT_TOP, SECRET, list_files
from tests.unit.build_support.projects.made_project import Make, Names, made_project


def _list(root: Path, source: Names = None, extra: Names = None) -> list[str]:
    files = list_files(made_project(root, source, extra))
    assert all(file.origin == root / file.path for file in files)
    return [str(file.path) for file in files]


def _refused(root: Path, source: Names = None, extra: Names = None) -> str:
    with pytest.raises(ProjectError) as caught:
        list_files(made_project(root, source, extra))
    assert caught.value.hint
    return str(caught.value)


def test_files_come_in_the_order_of_their_paths_once_each(make: Make) -> None:
    names = ["src/b.py", "src/a/z.py", "src/a.py", "src/B.py", "src/é ü.txt", "src/日本.txt"]
    root = make(*names, "manage.py", "other.py")
    expected = ["manage.py", "src/B.py", "src/a/z.py", "src/a.py", "src/b.py"]
    expected += ["src/é ü.txt", "src/日本.txt"]
    assert _list(root, ["src", "src/a", "manage.py"], ["src/b.py"]) == expected


_EXAMPLES = [
    *(".git/config", ".env", ".env.production", ".venv/x.py", ".idea/x", ".DS_Store", ".hidden/x"),
    *("__pycache__/x.pyc", "x.pyc", "x.pyo", "db.sqlite3", "db.sqlite3-wal", "DB.SQLITE3"),
    *("x.sqlite", "x.sqlite-journal", "x.db", "x.db-shm", "Thumbs.db", "server.log"),
    *("notes.egg-info/PKG-INFO", "node_modules/left-pad/index.js"),
    *("key.pem", "KEY.PEM", "id_rsa", "id_rsa.pub", "id_ed25519", ".git-credentials"),
]


@pytest.mark.parametrize("name", _EXAMPLES)
@pytest.mark.parametrize("folder", ["src", "src/deep/er"])
def test_what_is_never_shipped(make: Make, name: str, folder: str) -> None:
    root = make(f"{folder}/{name}", "src/kept.py", **{".gitignore": f"!{name}\n"})
    assert _list(root) == ["src/kept.py"]


def test_every_pattern_that_is_never_shipped_has_an_example() -> None:
    for pattern in (*NEVER, *SECRET):
        assert any(
            PurePosixPath(part.lower()).match(pattern)
            for name in _EXAMPLES
            for part in PurePosixPath(name).parts
        ), pattern


def test_every_pattern_can_match() -> None:
    # Names are compared in lower case.
    assert all(pattern == pattern.lower() for pattern in (*NEVER, *SECRET, *NEVER_AT_TOP))


@pytest.mark.parametrize("name", NEVER_AT_TOP)
def test_some_folders_are_not_shipped_from_the_top_alone(make: Make, name: str) -> None:
    root = make(f"{name}/upload.bin", f"src/{name}/kept.py")
    assert _list(root, ["src"]) == [f"src/{name}/kept.py"]
    for source in (name, f"{name}/upload.bin"):
        assert f"Nothing of {root / source} would be shipped" in _refused(root, ["src", source])


def test_a_virtual_environment_is_known_by_what_is_in_it(make: Make) -> None:
    root = make("src/my python/pyvenv.cfg", "src/my python/lib/x.py", "src/a.py")
    assert _list(root, extra=["src/my python"]) == ["src/a.py"]


@pytest.mark.parametrize(
    "source", [".config/app", ".config/app/x.py", "src/cache", "src/built.js", "src/empty"]
)
def test_a_source_of_which_nothing_would_be_shipped_is_not_passed_over(
    make: Make, source: str
) -> None:
    root = make(
        *(".config/app/x.py", "src/a.py", "src/cache/b.log", "src/built.js"),
        **{".gitignore": "built.js\n"},
    )
    (root / "src" / "empty").mkdir()
    said = _refused(root, ["src", source])
    assert f"Nothing of {root / source} would be shipped" in said
    assert "extra-files" in said
    assert _list(root) == ["src/a.py"]


def test_it_is_shipped_when_extra_files_name_it(make: Make) -> None:
    root = make(".config/app/x.py", "src/a.py")
    assert _list(root, ["src"], [".config/app"]) == [".config/app/x.py", "src/a.py"]


def test_extra_files_are_shipped_although_they_are_ignored(make: Make) -> None:
    root = make(
        *("src/a.py", "src/built/x.js", "dist/app.js", "dist/.well-known/y", "seed.sqlite3"),
        **{".gitignore": "built/\ndist/\n*.sqlite3\n", "dist/.gitignore": "*\n"},
    )
    assert _list(root) == ["src/a.py"]
    assert _list(root, extra=["src/built", "dist", "seed.sqlite3"]) == [
        "dist/.gitignore",
        "dist/.well-known/y",
        "dist/app.js",
        "seed.sqlite3",
        "src/a.py",
        "src/built/x.js",
    ]


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        (".env", ".env"),
        (".env.local", ".env.local"),
        (".ENV", ".ENV"),
        ("keys/server.pem", "keys/server.pem"),
        ("keys/server.pem", "keys"),
        ("keys/deep/id_rsa", "keys"),
        (".git/config", ".git/config"),
        (".git/hooks/x", ".git/hooks"),
        (".git-credentials", ".git-credentials"),
    ],
)
def test_extra_files_may_not_be_secrets(make: Make, name: str, extra: str) -> None:
    root = make("src/a.py", name)
    said = _refused(root, extra=[extra])
    assert str(root / name) in said or str(root / extra) in said
    assert "may not be shipped" in said


@pytest.mark.parametrize(
    ("source", "extra"), [(["src", "none.py"], []), (["src"], ["none"]), (["src/a.py/none"], [])]
)
def test_what_is_named_and_not_there(make: Make, source: list[str], extra: list[str]) -> None:
    said = _refused(make("src/a.py"), source, extra)
    assert "none" in said
    assert "is not there" in said


@pytest.mark.parametrize(("source", "words"), [([], "no files to ship"), (["src"], "Nothing of")])
def test_nothing_to_ship_is_an_error(make: Make, source: list[str], words: str) -> None:
    assert words in _refused(make("src/a.py", **{".gitignore": "*\n"}), source)


def test_a_link_to_a_file_inside_is_shipped_as_a_file(make: Make) -> None:
    root = make("src/a.py", "shared/b.txt")
    (root / "src" / "b.txt").symlink_to("../shared/b.txt")
    assert _list(root) == ["src/a.py", "src/b.txt"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("{outside}/file", "is a link to"),
        ("../../outside/file", "is a link to"),
        ("{outside}", "is a link to"),
        ("folder", "is a link to"),
        ("..", "is a link to"),
        ("../.env", "may not be shipped"),
        ("../.git/config", "may not be shipped"),
    ],
)
@pytest.mark.parametrize("as_extra", [False, True])
def test_other_links_are_refused(
    tmp_path: Path, make: Make, target: str, words: str, as_extra: bool
) -> None:
    root = make("p/src/a.py", "p/src/folder/x", "p/.env", "p/.git/config", "outside/file") / "p"
    (root / "src" / "link").symlink_to(target.format(outside=tmp_path / "outside"))
    said = _refused(root, ["src/a.py"], ["src/link"]) if as_extra else _refused(root)
    assert words in said


@pytest.mark.parametrize("target", ["none", "link"])
def test_a_link_that_leads_nowhere_is_not_passed_over(make: Make, target: str) -> None:
    root = make("src/a.py")
    (root / "src" / "link").symlink_to(target)
    assert "is a link to" in _refused(root)
    assert "is not there" in _refused(root, ["src/a.py"], ["src/link"])


def test_a_link_that_is_ignored_does_not_matter(make: Make) -> None:
    root = make("src/a.py", **{".gitignore": "uploads\n"})
    (root / "src" / "uploads").symlink_to(root.parent)
    (root / "src" / "node_modules").symlink_to(root.parent)
    assert _list(root) == ["src/a.py"]


def test_the_way_to_a_source_may_not_lead_out_by_a_link(make: Make) -> None:
    root = make("p/src/a.py", "outside/deep/x.py") / "p"
    (root / "lib").symlink_to("../outside")
    assert "is a link to" in _refused(root, ["lib/deep"])
    assert "is a link to" in _refused(root, extra=["lib/deep/x.py"])


def test_a_project_may_itself_be_reached_by_a_link(make: Make) -> None:
    root = make("p/src/a.py", "p/b.txt") / "p"
    (root / "src" / "b.txt").symlink_to("../b.txt")
    (root.parent / "alias").symlink_to("p")
    assert _list(root.parent / "alias") == ["src/a.py", "src/b.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_not_read(make: Make) -> None:
    root = make("src/a.py")
    os.mkfifo(root / "src" / "pipe")
    assert _list(root) == ["src/a.py"]
