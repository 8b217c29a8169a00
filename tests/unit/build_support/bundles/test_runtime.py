from __future__ import annotations

from pathlib import Path

from build_support.bundles.runtime import LAUNCHER_FILE, LOCK, RUNTIME, copy_runtime, list_runtime


def test_the_runtime_is_its_modules_and_its_launcher() -> None:
    names = [path.name for path in list_runtime()]
    assert names == sorted(names)
    assert {LAUNCHER_FILE, "__init__.py", "py.typed", "serve.py"} <= set(names)
    assert LOCK.is_file()
    assert LOCK.name not in names
    left_out = {path.name for path in RUNTIME.iterdir()} - {*names}
    assert left_out <= {LOCK.name, "__pycache__"}


def test_the_launcher_goes_to_the_top_and_the_rest_into_the_package(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    package = copy_runtime(tmp_path, packages)
    assert package == packages / "djdesk_runtime"
    assert [path.name for path in packages.iterdir()] == ["djdesk_runtime"]
    copied = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    modules = {path.name for path in list_runtime()} - {LAUNCHER_FILE}
    assert copied == {LAUNCHER_FILE, *(f"packages/djdesk_runtime/{name}" for name in modules)}
    for file in list_runtime():
        copy = (tmp_path if file.name == LAUNCHER_FILE else package) / file.name
        assert copy.read_bytes() == file.read_bytes()
