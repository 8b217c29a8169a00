from __future__ import annotations

from pathlib import Path

from build_support.bundles.runtime import (
    LAUNCHER_FILE,
    LOCK,
    PATHS_FILE,
    RUNTIME,
    copy_runtime,
    list_runtime,
)


def test_the_runtime_is_its_modules_and_its_launcher() -> None:
    files = list_runtime()
    assert files == sorted(files)
    names = {path.relative_to(RUNTIME).as_posix() for path in files}
    assert {LAUNCHER_FILE, PATHS_FILE, "__init__.py", "serving/serve.py", "data/folder.py"} <= names
    assert LOCK.is_file()
    left_out = {path for path in RUNTIME.rglob("*") if path.is_file()} - {*files}
    assert {path.name for path in left_out if path.suffix != ".pyc"} == {LOCK.name}


def test_the_launcher_goes_to_the_top_and_the_rest_into_the_package(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    package = copy_runtime(tmp_path, packages)
    assert package == packages / "djdesk_runtime"
    assert [path.name for path in packages.iterdir()] == ["djdesk_runtime"]
    shipped = [file for file in list_runtime() if file.name != PATHS_FILE]
    for file in shipped:
        launcher = file.name == LAUNCHER_FILE
        copy = tmp_path / file.name if launcher else package / file.relative_to(RUNTIME)
        assert copy.read_bytes() == file.read_bytes()
    copied = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(copied) == len(shipped)
