"""What a bundle is for: an operating system and a processor, as data in one table."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from build_support.errors import UsageError

System = Literal["linux", "macos", "windows"]

#: The CPython line that is shipped. A requirement of the design, not a default.
PYTHON_SERIES = "3.14"


@dataclass(frozen=True, slots=True)
class Target:
    """One row of the table: names by which others know the same target.

    `uv_platform` is a value of uv's `--python-platform`; the Linux ones name glibc 2.28,
    which the wheels need, while the interpreter itself needs 2.17. `marker_machine` is
    what `platform.machine()` says there.
    """

    name: str
    system: System
    machine: str
    marker_machine: str
    uv_platform: str

    @property
    def layout(self) -> Layout:
        """Where things lie inside this system's interpreter."""
        return _LAYOUTS[self.system]

    @property
    def marker_environment(self) -> Mapping[str, str]:
        """The environment of PEP 508 markers there."""
        return {**_MARKERS[self.system], **_PYTHON_MARKERS, "platform_machine": self.marker_machine}

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths inside `python/`, as in python-build-standalone's archives (docs/distributions.rst)."""

    executable: PurePosixPath
    standard_library: PurePosixPath
    extension_modules: PurePosixPath


_POSIX_LAYOUT = Layout(
    executable=PurePosixPath("bin/python3"),
    standard_library=PurePosixPath(f"lib/python{PYTHON_SERIES}"),
    extension_modules=PurePosixPath(f"lib/python{PYTHON_SERIES}/lib-dynload"),
)
_LAYOUTS: Mapping[System, Layout] = {
    "linux": _POSIX_LAYOUT,
    "macos": _POSIX_LAYOUT,
    "windows": Layout(
        executable=PurePosixPath("python.exe"),
        standard_library=PurePosixPath("Lib"),
        extension_modules=PurePosixPath("DLLs"),
    ),
}

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target("linux-x86_64", "linux", "x86_64", "x86_64", "x86_64-manylinux_2_28"),
        Target("linux-arm64", "linux", "arm64", "aarch64", "aarch64-manylinux_2_28"),
        Target("macos-arm64", "macos", "arm64", "arm64", "aarch64-apple-darwin"),
        Target("macos-x86_64", "macos", "x86_64", "x86_64", "x86_64-apple-darwin"),
        Target("windows-x86_64", "windows", "x86_64", "AMD64", "x86_64-pc-windows-msvc"),
        Target("windows-arm64", "windows", "arm64", "ARM64", "aarch64-pc-windows-msvc"),
    )
}

_PYTHON_MARKERS = {
    "python_version": PYTHON_SERIES,
    "python_full_version": f"{PYTHON_SERIES}.0",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "extra": "",
}
_MARKERS: Mapping[System, Mapping[str, str]] = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
_SYSTEMS: Mapping[str, System] = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
_MACHINES: Mapping[str, str] = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "arm64": "arm64",
    "aarch64": "arm64",
}


def find_target(name: str) -> Target:
    """Look a target up by its name.

    Raises UsageError with all names when there is none of that name.
    """
    try:
        return TARGETS[name]
    except KeyError:
        raise UsageError(
            f"There is no target {name!r}.", hint=f"Choose one of: {', '.join(TARGETS)}."
        ) from None


def host_target(system: str | None = None, machine: str | None = None) -> Target:
    """Return the target that this machine is (or one of the given `platform` names).

    Raises UsageError on a system or processor that no bundle can be made for.
    """
    system = system or platform.system()
    machine = machine or platform.machine()
    name = f"{_SYSTEMS.get(system)}-{_MACHINES.get(machine.lower())}"
    if name not in TARGETS:
        raise UsageError(
            f"This machine ({system} on {machine}) is not one that bundles are made for.",
            hint=f"Name a target with --target: {', '.join(TARGETS)}.",
        )
    return TARGETS[name]
