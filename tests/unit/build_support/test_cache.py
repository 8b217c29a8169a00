from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import pytest

from build_support import cache as module
from build_support.cache import Cache, open_cache
from build_support.errors import UsageError
from tests import unix

ROOT = Path(module.__file__).resolve().parents[1]
STAGE = "packages"

#: Another process that uses the cache: told what to do by its arguments, and by standard input.
_OTHER = """
import sys
from pathlib import Path
from build_support.cache import Cache

def build(folder):
    (folder / "file").write_text(name)
    print("building", flush=True)
    sys.stdin.readline()

root, key, name = sys.argv[1:]
Cache(Path(root)).tree("packages", key, build)
print("done", flush=True)
"""


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@contextmanager
def _other(cache: Cache, key: str = "key", name: str = "other") -> Iterator[subprocess.Popen[str]]:
    """Another process that wants the same tree. It builds until it reads a line."""
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", _OTHER, str(cache.root), key, name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _writes(text: str) -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        assert not any(folder.iterdir())
        (folder / "file").write_text(text)

    return build


def _never(folder: Path) -> None:
    raise AssertionError(folder)


def _trees(cache: Cache) -> set[str]:
    """What lies in the stage besides locks."""
    return {path.name for path in (cache.root / STAGE).iterdir() if path.suffix != ".lock"}


def test_a_tree_is_built_once_and_found_afterwards(cache: Cache) -> None:
    assert not cache.has_tree(STAGE, "key")
    tree = cache.tree(STAGE, "key", _writes("first"))
    assert cache.tree(STAGE, "key", _never) == tree == cache.root / STAGE / "key"
    assert (tree / "file").read_text() == "first"
    assert cache.has_tree(STAGE, "key")
    assert not cache.has_tree(STAGE, "other")
    assert _trees(cache) == {"key"}


def test_force_replaces_the_tree(cache: Cache) -> None:
    tree = cache.tree(STAGE, "key", _writes("first"))
    (tree / "only first").touch()
    assert cache.tree(STAGE, "key", _writes("second"), force=True) == tree
    assert (tree / "file").read_text() == "second"
    assert not (tree / "only first").exists()
    assert _trees(cache) == {"key"}


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_build_that_fails_leaves_nothing(cache: Cache, failure: type[BaseException]) -> None:
    def build(folder: Path) -> None:
        (folder / "half").touch()
        raise failure

    with pytest.raises(failure):
        cache.tree(STAGE, "key", build)
    assert _trees(cache) == set()
    cache.tree(STAGE, "key", _writes("whole"))
    with pytest.raises(failure):
        cache.tree(STAGE, "key", build, force=True)
    assert (cache.root / STAGE / "key" / "file").read_text() == "whole"
    assert _trees(cache) == {"key"}


def test_two_processes_build_a_tree_once(cache: Cache) -> None:
    with _other(cache, name="first") as first:
        assert _heard(first) == "building"
        with _other(cache, name="second") as second:
            _let_go(first)
            assert _heard(first) == "done"
            assert _heard(second) == "done"
    assert (cache.root / STAGE / "key" / "file").read_text() == "first"


def test_a_killed_build_is_no_obstacle_to_the_next(cache: Cache) -> None:
    with _other(cache) as other:
        assert _heard(other) == "building"
        other.kill()
    assert _trees(cache) == {"key.partial"}
    cache.tree(STAGE, "key", _writes("next"))
    assert _trees(cache) == {"key"}


def test_sweep_removes_what_is_dead_and_leaves_what_lives(cache: Cache) -> None:
    with _other(cache, "dead") as dead, _other(cache, "alive") as alive:
        assert _heard(dead) == _heard(alive) == "building"
        dead.kill()
        dead.wait()
        cache.tree(STAGE, "whole", _writes("x"))
        cache.sweep()
        assert _trees(cache) == {"alive.partial", "whole"}
        _let_go(alive)
        assert _heard(alive) == "done"
    cache.sweep()
    assert _trees(cache) == {"alive", "whole"}


def test_sweep_removes_trees_that_were_not_used_for_a_month(cache: Cache) -> None:
    for key in ("old", "used again", "recent"):
        cache.tree(STAGE, key, _writes(key))
    for key, days in (("old", 31), ("used again", 31), ("recent", 29)):
        _last_used(cache, key, days)
    cache.tree(STAGE, "used again", _never)
    cache.sweep()
    assert _trees(cache) == {"used again", "recent"}


def test_sweep_leaves_an_old_tree_that_is_being_made_anew(cache: Cache) -> None:
    cache.tree(STAGE, "key", _writes("old"))
    with cache.lock(f"{STAGE}/key"):
        _last_used(cache, "key", 31)
        cache.sweep()
        assert cache.has_tree(STAGE, "key")


def test_a_tree_made_anew_counts_as_used(cache: Cache) -> None:
    cache.tree(STAGE, "key", _writes("old"))
    _last_used(cache, "key", 31)
    cache.tree(STAGE, "key", _writes("new"), force=True)
    cache.sweep()
    assert cache.has_tree(STAGE, "key")


def _last_used(cache: Cache, key: str, days: float) -> None:
    then = time.time() - days * 24 * 3600
    os.utime(cache.root / STAGE / f"{key}.lock", (then, then))


def test_sweep_of_no_cache_makes_none(cache: Cache) -> None:
    cache.sweep()
    assert not cache.root.exists()


def test_a_tree_put_aside_by_a_killed_replacement_is_found_again(cache: Cache) -> None:
    tree = cache.tree(STAGE, "key", _writes("old"))
    tree.rename(tree.with_name(".key.old"))
    assert (cache.tree(STAGE, "key", _never) / "file").read_text() == "old"
    assert _trees(cache) == {"key"}


def test_whoever_waits_for_a_lock_is_told_once(cache: Cache) -> None:
    said: list[str] = []
    with _other(cache) as other:
        assert _heard(other) == "building"

        def waiting() -> None:
            said.append("waiting")
            _let_go(other)

        with cache.lock(f"{STAGE}/key", waiting):
            assert cache.has_tree(STAGE, "key")
    assert said == ["waiting"]


def test_a_free_lock_is_had_without_waiting_and_again_after_a_failure(cache: Cache) -> None:
    def never() -> None:
        raise AssertionError

    with pytest.raises(ValueError, match="inside"), cache.lock("debian/x", never):
        raise ValueError("inside")
    with cache.lock("debian/x", never):
        pass


def test_the_folder_is_marked_as_a_cache(cache: Cache) -> None:
    cache.tree(STAGE, "key", _writes("x"))
    tag = (cache.root / "CACHEDIR.TAG").read_text(encoding="utf-8")
    # The signature that backup programs look for: https://bford.info/cachedir/
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_an_archive_has_its_place_by_its_sha256(cache: Cache) -> None:
    assert cache.archive("ab12", "x.tar.gz") == cache.root / "archives" / "ab12" / "x.tar.gz"


def test_clear_deletes_the_whole_cache(cache: Cache) -> None:
    cache.tree(STAGE, "key", _writes("x"))
    cache.archive("ab12", "x.tar.gz").parent.mkdir(parents=True)
    with cache.lock("debian/x"):
        pass
    cache.clear()
    assert not cache.root.exists()
    cache.clear()


def test_clear_leaves_alone_what_is_not_the_cache_s(cache: Cache) -> None:
    # DJDESK_CACHE_DIR may have been pointed at a folder with other things in it.
    cache.tree(STAGE, "key", _writes("x"))
    letter = cache.root / "Documents" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("dear")
    cache.clear()
    assert [path.name for path in cache.root.iterdir()] == ["Documents"]
    assert letter.read_text() == "dear"


@pytest.mark.parametrize("value", ["/some/where", "relative/place", "with space/é"])
def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DJDESK_CACHE_DIR", value)
    assert open_cache().root == Path.cwd() / value


@pytest.mark.parametrize("value", [None, ""])
def test_else_it_is_the_platform_s(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("DJDESK_CACHE_DIR", raising=False)
    if value is not None:
        monkeypatch.setenv("DJDESK_CACHE_DIR", value)
    assert open_cache().root == platformdirs.user_cache_path("djdesk")


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_cache_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Cache(tmp_path / "file" / "cache").tree(STAGE, "key", _writes("x"))


def _change(path: Path, *, owner: int | None = None, group: int | None = None, mode: int) -> None:
    unix.chown(path, -1 if owner is None else owner, -1 if group is None else group)
    path.chmod(mode)


_OTHERS: dict[str, dict[str, int]] = {
    "another owner": {"owner": 12_345, "mode": 0o755},
    "everybody": {"mode": 0o777},
    "another group": {"group": 12_345, "mode": 0o775},
}
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or unix.geteuid() != 0, reason="only root gives files away"
)


@needs_root
@pytest.mark.parametrize("change", _OTHERS)
@pytest.mark.parametrize("place", ["", STAGE, f"{STAGE}/key"])
def test_what_others_can_have_written_is_not_used(cache: Cache, change: str, place: str) -> None:
    cache.tree(STAGE, "key", lambda folder: (folder / "file").touch())
    _change(cache.root / place, **_OTHERS[change])
    for use in (
        lambda: cache.tree(STAGE, "key", _never),
        lambda: cache.has_tree(STAGE, "key"),
        lambda: cache.tree(STAGE, "key", _never, force=True),
    ):
        with pytest.raises(UsageError) as caught:
            use()
        assert str(cache.root / place) in caught.value.what
        assert "DJDESK_CACHE_DIR" in caught.value.hint


@needs_root
def test_a_link_that_another_user_made_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "cache").symlink_to("mine")
    Cache(tmp_path / "cache").tree(STAGE, "key", lambda _: None)
    unix.chown_link(tmp_path / "cache", 12_345)
    with pytest.raises(UsageError):
        Cache(tmp_path / "cache").tree(STAGE, "key", _never)


@pytest.mark.skipif(os.name == "nt", reason="it has no such modes")
def test_folders_of_the_usual_kinds_are_used(tmp_path: Path) -> None:
    sticky = tmp_path / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    own_group = tmp_path / "own-group"
    own_group.mkdir()
    own_group.chmod(0o775)
    for root in (sticky, own_group, tmp_path / "new"):
        tree = Cache(root).tree(STAGE, "key", lambda folder: (folder / "file").touch())
        assert (tree / "file").is_file()


@needs_root
def test_in_a_folder_for_everybody_the_tree_of_another_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    planted = tmp_path / STAGE / "key"
    planted.mkdir(parents=True)
    for path in (planted, planted.parent):
        unix.chown(path, 12_345, 12_345)
    with pytest.raises(UsageError):
        Cache(tmp_path).tree(STAGE, "key", _never)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_a_cache_made_without_a_umask_is_used_again(cache: Cache) -> None:
    before = os.umask(0)
    try:
        cache.tree(STAGE, "key", _writes("one"))
    finally:
        os.umask(before)
    assert (cache.tree(STAGE, "key", _never) / "file").read_text() == "one"
