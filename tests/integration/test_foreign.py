"""Bundles for other systems than this one, of another project than the example."""

from __future__ import annotations

import importlib.util
import marshal
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType

import pytest

from build_support import digest
from build_support.bundles.manifest import read_manifest
from build_support.target import TARGETS
from build_support.trees.binaries import read_binary
from tests.archives import native
from tests.integration.conftest import Shared
from tests.integration.foreign import FOREIGN, NATIVE, Foreign, copy_project, pinned
from tests.integration.sessions import ROOT, environment, session_command

#: The only compiled module of the project's packages, by the name each platform gives it.
_EXTENSIONS: Mapping[str, str] = {
    "linux-x86_64": "_speedups.cpython-314-x86_64-linux-gnu.so",
    "linux-arm64": "_speedups.cpython-314-aarch64-linux-gnu.so",
    "macos-arm64": "_speedups.cpython-314-darwin.so",
    "macos-x86_64": "_speedups.cpython-314-darwin.so",
    "windows-x86_64": "_speedups.cp314-win_amd64.pyd",
    "windows-arm64": "_speedups.cp314-win_arm64.pyd",
}
_DISTRIBUTIONS = {
    "asgiref",
    "django",
    "markupsafe",
    "platformdirs",
    "sqlparse",
    "waitress",
    "whitenoise",
}
#: Left of the made-up interpreters after pruning, standard library excepted.
_POSIX_TREE = {
    "bin/python",
    "bin/python3",
    "bin/python3.14",
    "lib/python3.14/lib-dynload/.empty",
    "lib/python3.14/lib-dynload/_ssl",
    "lib/python3.14/_sysconfigdata__made_up_.py",
}
_WINDOWS_TREE = {
    "LICENSE.txt",
    "python.exe",
    "pythonw.exe",
    "python3.dll",
    "python314.dll",
    "vcruntime140.dll",
    "vcruntime140_1.dll",
    "DLLs/_ssl.pyd",
    "DLLs/libcrypto-3.dll",
    "DLLs/libssl-3.dll",
}
_LIBRARY_KEPT = {
    "LICENSE.txt",
    "ctypes/__init__.py",
    "encodings/__init__.py",
    "json/__init__.py",
    "os.py",
    "pydoc.py",
    "site.py",
    # By these the interpreter's children import what the application does.
    "site-packages/djdesk.pth",
    "site-packages/djdesk_paths.py",
    "unittest/__init__.py",
    "unittest/mock.py",
}


@pytest.fixture(params=FOREIGN)
def foreign(request: pytest.FixtureRequest, shared: Shared) -> Foreign:
    """The bundle of one target, made by the session that makes it for everybody."""
    target = TARGETS[request.param]

    def make(folder: Path) -> None:
        made = pinned(folder, target)
        words = ("--project", NATIVE, *made.words, "--output", made.bundle)
        finished = shared.run("bundle", *words)
        assert finished.code == 0, finished.output

    folder = shared.once(f"foreign-{target}", make)
    (archive,) = folder.glob("*.tar.gz")
    return Foreign(target, archive, folder / "pins.json", folder / "django-bundle")


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() and path.suffix != ".pyc"
    }


def test_compiled_modules_are_for_the_target(foreign: Foreign) -> None:
    packages = foreign.bundle / "packages"
    binaries = {
        path.relative_to(packages).as_posix(): binary
        for path in packages.rglob("*")
        if path.is_file() and (binary := read_binary(path))
    }
    assert set(binaries) == {f"markupsafe/{_EXTENSIONS[foreign.target.name]}"}
    (binary,) = binaries.values()
    assert binary.system == foreign.target.system
    assert binary.machines == {foreign.target.machine}


def test_markers_are_those_of_the_target(foreign: Foreign) -> None:
    names = {path.name.split("-")[0] for path in foreign.bundle.glob("packages/*.dist-info")}
    only_there = {"tzdata"} if foreign.target.system == "windows" else set()
    assert names == _DISTRIBUTIONS | only_there
    assert read_manifest(foreign.bundle).requirements.count == len(names)


def test_interpreter_has_the_layout_of_its_system_and_is_pruned(foreign: Foreign) -> None:
    python = foreign.bundle / "python"
    layout = foreign.target.layout
    kept = _WINDOWS_TREE if foreign.target.system == "windows" else _POSIX_TREE
    library = {f"{layout.standard_library}/{name}" for name in _LIBRARY_KEPT}
    assert {name.partition(".cpython-")[0] for name in _files(python)} == kept | library
    executable = read_binary((python / layout.executable).resolve())
    assert executable is not None
    assert executable.system == foreign.target.system
    assert executable.machines == {foreign.target.machine}


def test_bytecode_is_of_3_14_unchecked_and_names_places_in_the_bundle(foreign: Foreign) -> None:
    expected = {}
    for source in foreign.bundle.rglob("*.py"):
        if source.parent != foreign.bundle:  # the launcher is never imported
            pyc = source.parent / "__pycache__" / f"{source.stem}.cpython-314.pyc"
            expected[pyc] = source
    assert set(foreign.bundle.rglob("*.pyc")) == set(expected)
    for pyc, source in expected.items():
        _check_bytecode(pyc.read_bytes(), source, foreign.bundle)


def _check_bytecode(content: bytes, source: Path, bundle: Path) -> None:
    unchecked = (1).to_bytes(4, "little")
    head = importlib.util.MAGIC_NUMBER + unchecked + importlib.util.source_hash(source.read_bytes())
    assert content[:16] == head, source
    place = source.relative_to(bundle).as_posix()
    assert {code.co_filename for code in _codes(marshal.loads(content[16:]))} == {place}


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def test_nothing_of_the_machine_that_built_it_is_left(foreign: Foreign) -> None:
    packages = foreign.bundle / "packages"
    assert not (packages / "bin").exists()
    assert not (packages / "Scripts").exists()
    traces = {".lock", ".requirements.lock", "INSTALLER", "REQUESTED", "direct_url.json"}
    assert not traces & {path.name for path in packages.rglob("*")}
    for record in packages.glob("*.dist-info/RECORD"):
        assert ".." not in record.read_text(encoding="utf-8")
    for path in foreign.bundle.rglob("*"):
        if path.is_file():
            assert str(ROOT).encode() not in path.read_bytes(), path


def test_manifest_describes_the_other_project_and_system(foreign: Foreign) -> None:
    manifest = read_manifest(foreign.bundle)
    assert manifest.target == foreign.target.name
    assert (manifest.app.name, manifest.app.version) == ("Native Modules", "2.5")
    assert manifest.settings_module == "native.settings"
    assert manifest.python.archive == foreign.archive.name
    assert manifest.python.sha256 == digest.of_file(foreign.archive)
    assert manifest.python.redistributable
    version = (foreign.bundle / "VERSION").read_text(encoding="utf-8")
    assert f" {foreign.target} CPython 3.14.10" in version


def test_verify_checks_the_files_and_says_that_it_was_not_run(
    shared: Shared, foreign: Foreign
) -> None:
    finished = shared.run("verify", "--bundle", foreign.bundle)
    assert finished.code == 0, finished.output
    assert f"The bundle is for {foreign.target}" in finished.output
    assert "it was not run" in finished.output
    assert "every distribution is whole" in finished.output


@pytest.mark.parametrize("foreign", FOREIGN[-1:], indirect=True)
def test_verify_finds_a_module_of_another_system(
    shared: Shared, foreign: Foreign, tmp_path: Path
) -> None:
    copy = tmp_path / "django-bundle"
    shutil.copytree(foreign.bundle, copy, symlinks=True)
    name = "added.pyd" if foreign.target.system == "windows" else "added.so"
    module = native(TARGETS["linux-x86_64"])
    (copy / "packages" / "markupsafe" / name).write_bytes(module)
    finished = shared.run("verify", "--bundle", copy)
    assert finished.code != 0
    assert f"packages/markupsafe/{name} is made for linux on x86_64" in finished.output


@pytest.mark.parametrize("foreign", FOREIGN[-1:], indirect=True)
def test_unchanged_rebuild_does_nothing(shared: Shared, foreign: Foreign) -> None:
    finished = shared.run("bundle", "--project", NATIVE, *foreign.words, "--output", foreign.bundle)
    assert finished.code == 0, finished.output
    assert "bundle is current" in finished.output


@pytest.mark.parametrize("foreign", FOREIGN[-1:], indirect=True)
def test_equal_inputs_give_equal_bytes(shared: Shared, foreign: Foreign, tmp_path: Path) -> None:
    """Made again elsewhere, with another cache and another user's settings."""
    elsewhere = tmp_path / "another place"
    project = copy_project(elsewhere / "project")
    output = elsewhere / "django-bundle"
    cache = elsewhere / "cache"
    for name in ("archives", "debian"):
        if (shared.cache / name).is_dir():
            shutil.copytree(shared.cache / name, cache / name)
    subprocess.run(
        session_command("bundle", "--project", project, *foreign.words, "--output", output),
        cwd=ROOT,
        env=environment(
            DJDESK_CACHE_DIR=str(cache),
            UV_OFFLINE="1",
            LC_ALL="C",
            PYTHONHASHSEED="4321",
            TZ="Asia/Kolkata",
        ),
        umask=0o077,
        check=True,
        capture_output=True,
    )
    differences = set(_listing(foreign.bundle)) ^ set(_listing(output))
    assert differences == set()
    assert read_manifest(foreign.bundle).files == read_manifest(output).files


def _listing(bundle: Path) -> list[str]:
    return (bundle / "files.tsv").read_text(encoding="utf-8").splitlines()


def test_the_other_project_works_here(shared: Shared, tmp_path: Path) -> None:
    """For this machine its bundle can be used: its page needs the compiled module."""
    output = tmp_path / "django-bundle"
    finished = shared.run("bundle", "--project", NATIVE, "--output", output)
    assert finished.code == 0, finished.output
    finished = shared.run("verify", "--bundle", output)
    assert finished.code == 0, finished.output
    for words in (
        "imports asgiref, django, markupsafe",
        "the first page http://127.0.0.1:",
        "static/native/native.",
        "back from",
    ):
        assert words in finished.output
