from __future__ import annotations

import ftplib
import json
import marshal
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import CodeType

import pytest

from build_support.errors import ProjectError, ToolError
from build_support.trees import bytecode_worker
from build_support.trees.bytecode import compile_trees

INTERPRETER = Path(sys.executable)
PLACE = PurePosixPath("python/lib")
only_on_3_14 = pytest.mark.skipif(
    sys.version_info[:2] != (3, 14), reason="bytecode is made by CPython 3.14"
)

#: What CPython compiles differently while an equal string is interned (see own_constants).
DELICATE = """
class Outer:
    class Inner:
        class Ä:
            pass

def first(x):
    return x in {"426", "225", "226"} or x in {"a b", "c d"}

def second(x):
    return x in {"426", "225", "226"} or x in {"a b", "c d"}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "package/deep").mkdir(parents=True)
    (tree / "module.py").write_text("X = 1000.5\n\n\ndef f():\n    return X, 'text with spaces'\n")
    (tree / "package/__init__.py").write_text("")
    (tree / "package/deep/latin.py").write_bytes(b"# coding: latin-1\nNAME = '\xfc'\n")
    (tree / "package/deep/delicate.py").write_text(DELICATE, encoding="utf-8")
    (tree / "package/template.py-tpl").write_text("{{ not python }}")
    return tree


def compiled(tree: Path) -> dict[str, bytes]:
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*.pyc")}


@pytest.mark.skipif(sys.version_info[:2] == (3, 14), reason="the right interpreter here")
def test_another_python_is_refused(root: Path) -> None:
    with pytest.raises(ToolError) as caught:
        compile_trees(INTERPRETER, [(root, PLACE)], strict=False)
    assert "Only CPython 3.14" in caught.value.what
    assert f"cpython {sys.version.split()[0]}" in caught.value.why
    assert compiled(root) == {}


@pytest.mark.parametrize(
    ("tag", "version"), [("cpython-313", (3, 13)), ("cpython-314t", (3, 14)), ("pypy", (3, 14))]
)
def test_recognises_the_wrong_interpreter(
    tag: str, version: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.implementation, "cache_tag", tag)
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    assert tag in bytecode_worker.wrong_interpreter([3, 14])


def test_a_missing_interpreter(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="could not be compiled") as caught:
        compile_trees(tmp_path / "python", [(root, PLACE)], strict=False)
    assert str(tmp_path / "python") in caught.value.why


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
@pytest.mark.parametrize(
    ("script", "why"),
    [("echo broken >&2; exit 3", "ended with 3.\nbroken"), ("echo no json", "Expecting value")],
)
def test_an_interpreter_that_fails(script: str, why: str, root: Path, tmp_path: Path) -> None:
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!/bin/sh\ncat > /dev/null\n{script}\n")
    stand_in.chmod(0o755)
    with pytest.raises(ToolError) as caught:
        compile_trees(stand_in, [(root, PLACE)], strict=False)
    assert why in caught.value.why


@only_on_3_14
def test_compiles_every_source(root: Path) -> None:
    assert compile_trees(INTERPRETER, [(root, PLACE)], strict=True) == ()
    assert set(compiled(root)) == {
        "__pycache__/module.cpython-314.pyc",
        "package/__pycache__/__init__.cpython-314.pyc",
        "package/deep/__pycache__/latin.cpython-314.pyc",
        "package/deep/__pycache__/delicate.cpython-314.pyc",
    }


@only_on_3_14
def test_python_takes_the_result_without_looking_at_the_source(root: Path) -> None:
    compile_trees(INTERPRETER, [(root, PLACE)], strict=True)
    (root / "module.py").write_text("raise RuntimeError\n")
    code = "import sys, json; sys.path.insert(0, sys.argv[1]); import module; "
    code += "from package.deep import latin; "
    code += "print(json.dumps([module.f(), latin.NAME]))"
    command = [str(INTERPRETER), "-I", "-B", "-c", code, str(root)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(finished.stdout) == [[1000.5, "text with spaces"], "ü"]


@only_on_3_14
def test_no_build_path_is_left_in_the_result(root: Path) -> None:
    compile_trees(INTERPRETER, [(root, PLACE)], strict=True)
    assert not [name for name, data in compiled(root).items() if str(root).encode() in data]
    code = marshal.loads(compiled(root)["package/__pycache__/__init__.cpython-314.pyc"][16:])
    assert code.co_filename == "python/lib/package/__init__.py"


@only_on_3_14
def test_old_bytecode_goes(root: Path) -> None:
    old = root / "package/__pycache__/gone.cpython-314.pyc"
    old.parent.mkdir()
    old.touch()
    (root / "only_old/__pycache__").mkdir(parents=True)
    compile_trees(INTERPRETER, [(root, PLACE)], strict=True)
    assert not old.exists()
    assert not (root / "only_old/__pycache__").exists()


@only_on_3_14
def test_the_same_bytes_whatever_the_surroundings(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_trees(INTERPRETER, [(root, PLACE)], strict=True, workers=1)
    first = compiled(root)
    moved = root.rename(tmp_path / "moved")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    mask = os.umask(0o077)
    try:
        compile_trees(INTERPRETER, [(moved, PLACE)], strict=True, workers=3)
    finally:
        os.umask(mask)
    assert compiled(moved) == first
    modes = {stat.S_IMODE(path.stat().st_mode) for path in moved.rglob("*.pyc")}
    assert modes == {0o644}


@only_on_3_14
@pytest.mark.parametrize("text", [DELICATE, Path(ftplib.__file__).read_text("utf-8")])
def test_the_same_bytes_whatever_was_compiled_before(text: str) -> None:
    program = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from bytecode_worker import bytecode\n"
        "first = bytecode(sys.argv[2].encode(), 'x.py')\n"
        "alive = compile(sys.argv[2], 'x.py', 'exec')\n"
        "print(bytecode(sys.argv[2].encode(), 'x.py') == first)\n"
    )
    folder = str(Path(bytecode_worker.__file__).parent)
    command = [str(INTERPRETER), "-I", "-S", "-B", "-c", program, folder, text]
    assert subprocess.check_output(command, text=True).strip() == "True"


@only_on_3_14
def test_the_same_bytes_whatever_refers_to_the_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    source = DELICATE.encode()
    first = bytecode_worker.bytecode(source, "x.py")
    held: list[object] = []

    def compile_and_hold(text: bytes, *others: str, **options: object) -> CodeType:
        code = compile(text, "x.py", "exec", dont_inherit=True, optimize=0)
        held.extend(_constants(code))
        return code

    monkeypatch.setattr(bytecode_worker, "compile", compile_and_hold, raising=False)
    assert bytecode_worker.bytecode(source, "x.py") == first
    assert len(held) > 10


def _constants(code: CodeType) -> Iterator[object]:
    for constant in code.co_consts:
        yield constant
        if isinstance(constant, CodeType):
            yield from _constants(constant)


@only_on_3_14
def test_the_delicate_source_is_delicate() -> None:
    """Shows that the test above could fail: without care the second time differs."""
    program = (
        "import marshal, sys\n"
        "compiled = [compile(sys.argv[1], 'x', 'exec') for _ in range(2)]\n"
        "print(len({marshal.dumps(marshal.loads(marshal.dumps(code))) for code in compiled}))\n"
    )
    command = [str(INTERPRETER), "-I", "-S", "-c", program, DELICATE]
    assert subprocess.check_output(command, text=True).strip() == "2"


def test_constants_made_anew_are_equal() -> None:
    code = compile(DELICATE, "x", "exec")
    new = bytecode_worker.own_constants(code)
    assert new == code
    assert _qualified_names(new) == _qualified_names(code)
    plain = compile("x = 'y'", "x", "exec")
    assert bytecode_worker.own_constants(plain) is plain


def test_functions_share_no_frozensets() -> None:
    code = bytecode_worker.own_constants(compile(DELICATE, "x", "exec"))
    sets = [constant for constant in _constants(code) if isinstance(constant, frozenset)]
    assert len(sets) == 4
    assert len({id(constant) for constant in sets}) == 4


def _qualified_names(code: CodeType) -> list[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [code.co_qualname, *(name for each in inner for name in _qualified_names(each))]


BROKEN: dict[str, tuple[bytes, str]] = {
    "bad.py": (b"x = 1\nif x\n    pass\n", "python/lib/bad.py:2: "),
    "null.py": (b"x = 1\n\0", "python/lib/null.py"),
    "encoding.py": (b"# coding: nonsense\n", "python/lib/encoding.py"),
    "bytes.py": (b"x = '\xff'\n", "python/lib/bytes.py:1: "),
    "deep.py": (b"x = " + b"-" * 200_000 + b"1\n", "python/lib/deep.py"),
}


@only_on_3_14
@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_told_and_the_others_compiled(name: str, root: Path) -> None:
    content, place = BROKEN[name]
    (root / name).write_bytes(content)
    failures = compile_trees(INTERPRETER, [(root, PLACE)], strict=False)
    assert [str(failure)[: len(place)] for failure in failures] == [place]
    assert len(compiled(root)) == 4


@only_on_3_14
def test_a_broken_file_of_the_project_is_an_error(root: Path) -> None:
    (root / "bad.py").write_bytes(BROKEN["bad.py"][0])
    with pytest.raises(ProjectError, match=r"python/lib/bad\.py is not valid") as caught:
        compile_trees(INTERPRETER, [(root, PLACE)], strict=True)
    assert caught.value.why.startswith("python/lib/bad.py:2: expected ':'")


@only_on_3_14
def test_warnings_of_the_compiler_do_not_matter(root: Path) -> None:
    (root / "old.py").write_text("x = '\\d' is 1\n")
    assert compile_trees(INTERPRETER, [(root, PLACE)], strict=True) == ()


@only_on_3_14
def test_links_are_compiled_under_their_own_name(root: Path) -> None:
    (root / "alias.py").symlink_to("module.py")
    (root / "dead.py").symlink_to("nowhere.py")
    compile_trees(INTERPRETER, [(root, PLACE)], strict=True)
    assert "__pycache__/alias.cpython-314.pyc" in compiled(root)
    assert "__pycache__/dead.cpython-314.pyc" not in compiled(root)


@only_on_3_14
def test_trees_without_sources(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert compile_trees(INTERPRETER, [(tmp_path, PLACE)], strict=True) == ()
    assert compile_trees(INTERPRETER, [], strict=True) == ()
