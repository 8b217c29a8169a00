from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from build_support.debian.tree import assemble
from build_support.errors import ToolError
from build_support.target import TARGETS, Target
from tests.unit.build_support.debian.archive import make_package

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dpkg-deb") is None, reason="there is no dpkg-deb"
)

_LINUX = TARGETS["linux-x86_64"]
_LIBRARY = "usr/lib/python3.14"
_MULTIARCH = "usr/lib/x86_64-linux-gnu"
_LOADER = "ld-linux-x86-64.so.2"
# A stand-in for the loader that tells how it was called.
_TELLING_LOADER = b'#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n'

_PACKAGES: Mapping[str, Mapping[str, bytes]] = {
    "python3.14-minimal": {
        "usr/bin/python3.14": b"the executable",
        f"{_LIBRARY}/os.py": b"os",
        f"{_LIBRARY}/sitecustomize.py": b"-> /etc/python3.14/sitecustomize.py",
        f"{_LIBRARY}/EXTERNALLY-MANAGED": b"[externally-managed]",
        "usr/share/doc/python3.14-minimal/copyright": b"PSF",
    },
    "libpython3.14-stdlib": {
        f"{_LIBRARY}/json/tool.py": b"json",
        f"{_LIBRARY}/lib-dynload/_ssl.so": b"not an ELF file",
        f"{_LIBRARY}/lib-dynload/_dbm.cpython-314-x86_64-linux-gnu.so": b"dbm",
        f"{_LIBRARY}/_sysconfigdata__x86_64-linux-gnu.py": b"-> os.py",
        "usr/share/doc/libpython3.14-stdlib": b"-> python3.14-minimal",
    },
    "libc6": {
        f"{_MULTIARCH}/{_LOADER}": _TELLING_LOADER,
        f"{_MULTIARCH}/libc.so.6": b"-> libc-2.43.so",
        f"{_MULTIARCH}/libc-2.43.so": b"the C library",
        f"{_MULTIARCH}/libpcprofile.so": b"nobody needs it",
        "usr/share/doc/libc6/copyright": b"LGPL",
        "usr/share/doc/libc6/changelog.gz": b"long",
    },
    "unused": {"usr/share/doc/unused/copyright": b"unused"},
}


@pytest.fixture(scope="module")
def debs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("debs")
    _make_packages(folder, _PACKAGES)
    return folder


def _make_packages(folder: Path, packages: Mapping[str, Mapping[str, bytes]]) -> None:
    for name, files in packages.items():
        control = f"Package: {name}\nVersion: 1\nArchitecture: amd64\n"
        control += "Maintainer: nobody <nobody@example.org>\nDescription: test\n"
        make_package(folder / f"{name}_1_amd64.deb", control, files)


def _assembled(debs: Path, folder: Path, target: Target = _LINUX) -> Path:
    folder.mkdir()
    assemble(debs, folder, target)
    assert [path.name for path in folder.iterdir()] == ["python"]
    return folder / "python"


def _files(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every path with its mode, time and content (of a link: its target)."""
    found: dict[str, tuple[int, int, bytes]] = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        content = os.fsencode(path.readlink()) if path.is_symlink() else b""
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
        found[path.relative_to(folder).as_posix()] = status.st_mode, status.st_mtime_ns, content
    return found


def test_the_tree_has_what_is_needed_and_no_more(debs: Path, tmp_path: Path) -> None:
    python = _assembled(debs, tmp_path / "tree")
    found = _files(python)
    assert sorted(name for name in found if not (python / name).is_dir()) == [
        "bin/python",
        "bin/python3",
        "bin/python3.14",
        "lib/python3.14/json/tool.py",
        "lib/python3.14/lib-dynload/_ssl.so",
        "lib/python3.14/os.py",
        "lib/runtime/ld-linux-x86-64.so.2",
        "lib/runtime/libc.so.6",
        "lib/runtime/python3.14",
        "share/doc/libc6/copyright",
        "share/doc/libpython3.14-stdlib/copyright",
        "share/doc/python3.14-minimal/copyright",
    ]
    assert found["lib/runtime/libc.so.6"][2] == b"the C library"
    assert found["share/doc/libpython3.14-stdlib/copyright"][2] == b"PSF"
    assert found["bin/python"][2] == found["bin/python3"][2] == b"python3.14"


def test_the_same_packages_make_the_same_tree(debs: Path, tmp_path: Path) -> None:
    one = _files(_assembled(debs, tmp_path / "one"))
    before = os.umask(0o077)
    try:
        two = _files(_assembled(debs, tmp_path / "two"))
    finally:
        os.umask(before)
    assert one == two
    assert {mode & 0o777 for name, (mode, _, _) in one.items() if name.endswith(".py")} == {0o644}


def test_the_launcher_is_found_by_every_way_of_calling_it(debs: Path, tmp_path: Path) -> None:
    python = _assembled(debs, tmp_path / "a folder ü")
    launcher = python / "bin/python3"
    linked = tmp_path / "environment/bin/python"
    linked.parent.mkdir(parents=True)
    linked.symlink_to(launcher)
    runtime = python.resolve() / "lib/runtime"

    def called(command: list[str], **options: object) -> list[str]:
        output = subprocess.run(
            [*command, "-c", "two words"],
            check=True,
            capture_output=True,
            encoding="utf-8",
            **options,  # type: ignore[call-overload]
        )
        words: list[str] = output.stdout.splitlines()
        assert words[0] == "--argv0"
        assert words[2:5] == ["--library-path", str(runtime), str(runtime / "python3.14")]
        assert words[5:] == ["-c", "two words"]
        return [words[1]]

    assert called([str(launcher)]) == [str(launcher)]
    assert called([str(linked)], env={}) == [str(linked)]
    assert called([str(linked)], env={"PATH": "/nowhere"}) == [str(linked)]
    assert called(["bin/python"], cwd=python) == ["bin/python"]
    assert called(["/bin/sh", "python3"], cwd=launcher.parent) == ["./python3"]
    on_path = {"PATH": f"{launcher.parent}:/usr/bin:/bin"}
    assert called(["/usr/bin/env", "python3"], env=on_path) == [str(launcher)]


def test_arm64_has_its_own_loader(tmp_path: Path) -> None:
    arm = "usr/lib/aarch64-linux-gnu"
    files = {
        f"{arm}/ld-linux-aarch64.so.1": b"loader",
        f"{arm}/libc.so.6": b"libc",
    }
    _make_packages(tmp_path / "debs", {**_PACKAGES, "libc6": files})
    python = _assembled(tmp_path / "debs", tmp_path / "tree", TARGETS["linux-arm64"])
    assert '"$runtime/ld-linux-aarch64.so.1" --argv0' in (python / "bin/python3").read_text("utf-8")
    assert (python / "lib/runtime/ld-linux-aarch64.so.1").stat().st_mode & 0o111


def test_a_library_that_no_package_has(tmp_path: Path) -> None:
    needs_libc = Path("/bin/true").read_bytes()
    minimal = {**_PACKAGES["python3.14-minimal"], "usr/bin/python3.14": needs_libc}
    loader_only = {f"{_MULTIARCH}/{_LOADER}": b"loader"}
    _make_packages(
        tmp_path / "debs", {**_PACKAGES, "python3.14-minimal": minimal, "libc6": loader_only}
    )
    (tmp_path / "tree").mkdir()
    with pytest.raises(ToolError) as caught:
        assemble(tmp_path / "debs", tmp_path / "tree", _LINUX)
    assert "python3.14 needs libc.so.6" in caught.value.why


@pytest.mark.parametrize("without", ["python3.14-minimal", "libc6"])
def test_packages_without_an_interpreter(tmp_path: Path, without: str) -> None:
    _make_packages(
        tmp_path / "debs", {name: _PACKAGES[name] for name in _PACKAGES if name != without}
    )
    (tmp_path / "tree").mkdir()
    with pytest.raises(ToolError, match="do not make a whole interpreter"):
        assemble(tmp_path / "debs", tmp_path / "tree", _LINUX)


def test_a_damaged_package(tmp_path: Path) -> None:
    (tmp_path / "debs").mkdir()
    (tmp_path / "debs/libc6_1_amd64.deb").write_bytes(b"!<arch>\n")
    (tmp_path / "tree").mkdir()
    with pytest.raises(ToolError, match=r"Unpacking libc6_1_amd64\.deb failed"):
        assemble(tmp_path / "debs", tmp_path / "tree", _LINUX)
