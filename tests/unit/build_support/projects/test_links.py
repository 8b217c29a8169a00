from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from build_support.errors import ProjectError
from build_support.projects.files import list_files
from build_support.projects.git import git_environment
from tests.unit.build_support.projects.made_project import Make, Names, made_project


def _list(root: Path, source: Names = None, extra: Names = None) -> list[str]:
    return [str(file.path) for file in list_files(made_project(root, source, extra))]


def _refused(root: Path, source: Names = None, extra: Names = None) -> str:
    with pytest.raises(ProjectError) as caught:
        list_files(made_project(root, source, extra))
    assert caught.value.hint
    return str(caught.value)


def _git(folder: Path, *argv: str) -> None:
    subprocess.run(
        ["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@example.org", *argv],
        env={**git_environment(os.environ), "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        check=True,
        timeout=60,
    )


def test_a_link_to_a_file_inside_is_shipped_as_a_file(make: Make) -> None:
    root = make("src/a.py", "shared/b.txt")
    (root / "src" / "b.txt").symlink_to("../shared/b.txt")
    assert _list(root) == ["src/a.py", "src/b.txt"]


@pytest.mark.parametrize("as_extra", [False, True])
def test_a_link_to_a_folder_inside_is_followed(make: Make, *, as_extra: bool) -> None:
    root = make("src/locale/pt_PT/LC_MESSAGES/django.mo", "shared/deep/x.txt")
    (root / "src" / "locale" / "pt").symlink_to("pt_PT")
    (root / "src" / "shared").symlink_to("../shared")
    source, extra = (["src/locale/pt_PT"], ["src"]) if as_extra else (["src"], [])
    assert _list(root, source, extra) == [
        "src/locale/pt/LC_MESSAGES/django.mo",
        "src/locale/pt_PT/LC_MESSAGES/django.mo",
        "src/shared/deep/x.txt",
    ]


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_what_git_ignores_is_not_shipped_through_a_link_either(make: Make) -> None:
    root = make("src/pt_PT/a.mo", "src/pt_PT/b.tmp", **{".gitignore": "*.tmp\nsrc/other\n"})
    (root / "src" / "pt").symlink_to("pt_PT")
    (root / "src" / "other").symlink_to("pt_PT")
    _git(root, "init", "-q")
    _git(root, "add", ".")
    assert _list(root) == ["src/pt/a.mo", "src/pt_PT/a.mo"]


@pytest.mark.parametrize(
    "target",
    [
        *("{outside}/file", "../../outside/file", "{outside}", "../../outside", "/dev/null"),
        *(
            "..",
            ".",
            "../src",
            "../.env",
            "../.git/config",
            "../.git",
            "link",
            "none",
            "folder/x/y",
        ),
    ],
)
@pytest.mark.parametrize("as_extra", [False, True])
def test_other_links_are_refused(
    tmp_path: Path, make: Make, target: str, *, as_extra: bool
) -> None:
    root = make("p/src/a.py", "p/src/folder/x", "p/.env", "p/.git/config", "outside/file") / "p"
    (root / "prod.env").touch()
    (root / "src" / "link").symlink_to(target.format(outside=tmp_path / "outside"))
    said = _refused(root, ["src/a.py"], ["src/link"]) if as_extra else _refused(root)
    assert str(root / "src" / "link") in said


def test_every_link_that_cannot_be_followed_is_named_with_its_own_reason(make: Make) -> None:
    root = make("p/src/a/x.py", "p/src/b/y.py", "outside/file") / "p"
    targets = {"a/out": "../../../outside", "a/none": "gone", "a/b": "../b", "b/a": "../a"}
    for name, target in targets.items():
        (root / "src" / name).symlink_to(target)
    said = _refused(root)
    for name in ("a/out", "a/none", "a/b/a", "b/a/b"):
        assert f"{root / 'src' / name} " in said
    reasons = {line.partition("link that ")[2].partition(":")[0] for line in said.splitlines()}
    assert len(reasons - {""}) == 3


def test_the_way_to_a_source_may_not_lead_out_by_a_link(make: Make) -> None:
    root = make("p/src/a.py", "outside/deep/x.py") / "p"
    (root / "lib").symlink_to("../outside")
    assert str(root / "lib") in _refused(root, ["lib/deep"])
    assert str(root / "lib") in _refused(root, extra=["lib/deep/x.py"])


def test_the_way_to_a_source_may_lead_through_a_link_inside(make: Make) -> None:
    root = make("src/a.py", "real/deep/x.py")
    (root / "lib").symlink_to("real")
    assert _list(root, ["lib/deep"]) == ["lib/deep/x.py"]


def test_a_project_may_itself_be_reached_by_a_link(make: Make) -> None:
    root = make("p/src/a.py", "p/b.txt") / "p"
    (root / "src" / "b.txt").symlink_to("../b.txt")
    (root.parent / "alias").symlink_to("p")
    assert _list(root.parent / "alias") == ["src/a.py", "src/b.txt"]


_LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n"


def test_files_that_stand_for_others_are_all_named(make: Make) -> None:
    root = make(
        "src/a.py",
        **{
            "src/picture.png": _LFS.format("a" * 64),
            "src/old.png": _LFS.format("b" * 64).replace("git-lfs", "hawser"),
            "src/annexed.bin": "/annex/objects/SHA256E-s5--abc.bin\n",
            "src/encrypted.json": "\0GITCRYPT\0abc",
        },
    )
    (root / "src" / "locked.bin").symlink_to("../.git/annex/objects/x/y/SHA256E-s5--abc")
    said = _refused(root)
    for name in ("picture.png", "old.png", "annexed.bin", "encrypted.json", "locked.bin"):
        assert str(root / "src" / name) in said
    for command in ("git lfs pull", "git annex get", "git-crypt unlock"):
        assert command in said
    assert "lfs pull" in _refused(root, ["src/a.py"], ["src/picture.png"])


def test_what_mentions_stand_ins_is_shipped(make: Make) -> None:
    root = make(**{"src/about.md": "Look: " + _LFS, "src/big.txt": "/annex" * 10_000})
    assert _list(root) == ["src/about.md", "src/big.txt"]


def test_the_fetched_content_of_git_annex_is_shipped(make: Make) -> None:
    root = make("src/a.py", ".git/annex/objects/x/SHA256E-s5--abc")
    (root / "src" / "locked.bin").symlink_to("../.git/annex/objects/x/SHA256E-s5--abc")
    assert _list(root) == ["src/a.py", "src/locked.bin"]


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_link_that_git_wrote_as_a_text_is_refused(make: Make) -> None:
    root = make("src/pt_PT/x.mo")
    (root / "src" / "pt").symlink_to("pt_PT")
    _git(root, "init", "-q")
    _git(root, "add", ".")
    _git(root, "config", "core.symlinks", "false")
    (root / "src" / "pt").unlink()
    (root / "src" / "pt").write_text("pt_PT")
    assert str(root / "src" / "pt") in _refused(root)
    assert str(root / "src" / "pt") in _refused(root, ["src/pt_PT"], ["src/pt"])
    (root / "src" / "pt").write_text("what somebody put into its place")
    assert _list(root) == ["src/pt", "src/pt_PT/x.mo"]


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_submodules_have_their_own_rules_and_must_be_there(make: Make) -> None:
    make("library/lib.py", "library/cache.tmp", **{"library/.gitignore": "*.tmp\n"})
    root = make("p/src/a.py") / "p"
    _git(root.parent / "library", "init", "-q")
    _git(root.parent / "library", "add", ".")
    _git(root.parent / "library", "commit", "-qm", "x")
    _git(root, "init", "-q")
    allowed = ("-c", "protocol.file.allow=always")
    _git(root, *allowed, "submodule", "add", "-q", str(root.parent / "library"), "src/vendor")
    (root / "src" / "vendor" / "made.tmp").touch()
    (root / "src" / "vendor" / "new.py").touch()
    assert _list(root) == ["src/a.py", "src/vendor/lib.py", "src/vendor/new.py"]
    shutil.rmtree(root / "src" / "vendor")
    (root / "src" / "vendor").mkdir()
    said = _refused(root)
    assert str(root / "src" / "vendor") in said
    assert "git submodule update" in said
