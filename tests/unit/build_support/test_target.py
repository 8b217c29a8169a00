from __future__ import annotations

import pytest
from packaging.markers import Marker

from build_support.errors import UsageError
from build_support.target import TARGETS, find_target, host_target


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("Linux", "x86_64", "linux-x86_64"),
        ("Linux", "aarch64", "linux-arm64"),
        ("Darwin", "arm64", "macos-arm64"),
        ("Darwin", "x86_64", "macos-x86_64"),
        ("Windows", "AMD64", "windows-x86_64"),
        ("Windows", "ARM64", "windows-arm64"),
    ],
)
def test_a_machine_is_known_by_what_platform_says(system: str, machine: str, name: str) -> None:
    assert host_target(system, machine) is TARGETS[name]


@pytest.mark.parametrize(
    ("system", "machine"),
    [("FreeBSD", "amd64"), ("Linux", "riscv64"), ("Windows", "x86"), ("Java", "")],
)
def test_another_machine_is_refused_with_all_targets(system: str, machine: str) -> None:
    with pytest.raises(UsageError) as caught:
        host_target(system, machine or "none")
    assert system in caught.value.what
    assert all(name in caught.value.hint for name in TARGETS)


def test_this_machine_is_a_target() -> None:
    assert host_target() in TARGETS.values()


@pytest.mark.parametrize("name", ["", "linux", "Linux-x86_64", "linux-x86_64 ", "None-None"])
def test_an_unknown_name_is_refused_with_all_targets(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_target(name)
    assert repr(name) in caught.value.what
    assert all(target in caught.value.hint for target in TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_is_found_by_its_name_and_written_as_it(name: str) -> None:
    target = find_target(name)
    assert str(target) == name == f"{target.system}-{target.machine}"


@pytest.mark.parametrize("name", TARGETS)
def test_uv_is_told_the_same_processor(name: str) -> None:
    target = TARGETS[name]
    processor = {"x86_64": "x86_64", "arm64": "aarch64"}[target.machine]
    assert target.uv_platform.startswith(f"{processor}-")


@pytest.mark.parametrize(
    ("marker", "targets"),
    [
        ("python_version >= '3.14'", set(TARGETS)),
        ("python_version < '3.14'", set()),
        ("python_full_version >= '3.14.0'", set(TARGETS)),
        ("sys_platform == 'win32'", {"windows-x86_64", "windows-arm64"}),
        ("os_name == 'posix' and platform_system != 'Linux'", {"macos-x86_64", "macos-arm64"}),
        ("platform_machine == 'aarch64'", {"linux-arm64"}),
        ("platform_machine == 'AMD64'", {"windows-x86_64"}),
        ("platform_python_implementation == 'CPython'", set(TARGETS)),
        ("extra == 'speed'", set()),
    ],
)
def test_markers_are_those_of_the_target_not_of_this_machine(
    marker: str, targets: set[str]
) -> None:
    found = {
        target.name
        for target in TARGETS.values()
        if Marker(marker).evaluate(dict(target.marker_environment))
    }
    assert found == targets


@pytest.mark.parametrize("name", TARGETS)
def test_paths_inside_the_interpreter_are_relative(name: str) -> None:
    layout = TARGETS[name].layout
    paths = [layout.executable, layout.standard_library, layout.extension_modules]
    assert not any(path.is_absolute() or ".." in path.parts for path in paths)
    assert (layout.executable.suffix == ".exe") == (TARGETS[name].system == "windows")
