from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pytest

from build_support.bundles import interpreter
from build_support.bundles.interpreter import OWN_COMPILER, Interpreter, Wish, choose
from build_support.cache import Cache
from build_support.errors import ToolError
from build_support.published.fetch import Archive
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import TARGETS
from build_support.trees.bytecode import Compiler
from tests.archives import make_install_only

TARGET = TARGETS["linux-arm64"]
WISH = Wish(load_pins(), choice="published", environment={})


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def found(cache: Cache) -> Interpreter:
    return choose(TARGET, WISH, cache=cache, reporter=Reporter())


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is fetched, without a network."""
    archive = make_install_only(tmp_path, TARGET)

    def fetch_archive(*_: object, patient: bool, **__: object) -> Archive:
        assert patient
        return Archive(archive, "0" * 64, "a source")

    monkeypatch.setattr(interpreter, "fetch_archive", fetch_archive)
    return archive


def _put_tree(cache: Cache, found: Interpreter, compiler_key: str) -> Path:
    """Put a finished tree into the cache."""
    key = interpreter._key(TARGET, found.python.sha256, compiler_key)
    return cache.tree("interpreters", key, lambda _: None)


def _download(
    found: Interpreter, cache: Cache, compiler_key: str = OWN_COMPILER, *, force: bool = False
) -> Path | None:
    return interpreter.download(
        found, WISH, cache=cache, reporter=Reporter(), compiler_key=compiler_key, force=force
    )


def _no_executable() -> Path:
    raise AssertionError("Nothing is to be compiled.")


def test_a_finished_tree_needs_no_download(cache: Cache, found: Interpreter, archive: Path) -> None:
    assert _download(found, cache) == archive
    tree = _put_tree(cache, found, OWN_COMPILER)
    assert _download(found, cache) is None
    assert interpreter.build(found, None, compiler=None, cache=cache) == tree
    assert _download(found, cache, force=True) == archive


def test_a_tree_of_another_compiler_is_not_a_finished_one(
    cache: Cache, found: Interpreter, archive: Path
) -> None:
    tree = _put_tree(cache, found, "3.14.10")
    compiler = Compiler("3.14.10", _no_executable)
    assert _download(found, cache, "3.14.10") is None
    assert interpreter.build(found, None, compiler=compiler, cache=cache) == tree
    assert _download(found, cache, "3.14.11") == _download(found, cache) == archive


@pytest.mark.parametrize("own", [True, False])
def test_a_tree_is_compiled_by_the_given_interpreter_or_its_own(
    cache: Cache,
    found: Interpreter,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    own: bool,
) -> None:
    compiled: list[tuple[Path, Path]] = []

    def compile_trees(
        executable: Path, trees: Sequence[tuple[Path, PurePosixPath]], *, strict: bool
    ) -> None:
        ((folder, place),) = trees
        assert (place, strict) == (PurePosixPath("python"), False)
        compiled.append((executable, folder))

    monkeypatch.setattr(interpreter, "compile_trees", compile_trees)
    other = Path("/elsewhere/bin/python3")
    compiler = None if own else Compiler("3.14.10", lambda: other)
    tree = interpreter.build(found, archive, compiler=compiler, cache=cache)
    ((executable, folder),) = compiled
    assert executable == (folder / "bin" / "python3" if own else other)
    assert (tree / "python" / "bin" / "python3").exists()
    assert _download(found, cache, compiler.key if compiler else OWN_COMPILER) is None


def test_a_cache_that_is_cleaned_meanwhile_is_said(cache: Cache, found: Interpreter) -> None:
    with pytest.raises(ToolError, match="cleaned"):
        interpreter.build(found, None, compiler=None, cache=cache)


@pytest.mark.parametrize(
    ("name", "file"), [("linux-arm64", "bin/python3"), ("windows-x86_64", "python.exe")]
)
def test_the_executable_of_a_tree(name: str, file: str) -> None:
    assert interpreter.executable(Path("tree"), TARGETS[name]) == Path("tree/python") / file
