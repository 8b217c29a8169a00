"""Made-up install_only archives: the right shape for each system, or wrong in chosen ways.

Small enough to make one for every test. The native files in them have true headers, so that
their system, processor and needed libraries can be read, and nothing that could be run.
"""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from build_support.target import System, Target

#: As published archives are named; the tests' own version and release.
VERSION = "3.14.10"
RELEASE = "20261110"

_TRIPLES: Mapping[str, str] = {
    "linux-x86_64": "x86_64-unknown-linux-gnu",
    "linux-arm64": "aarch64-unknown-linux-gnu",
    "macos-arm64": "aarch64-apple-darwin",
    "macos-x86_64": "x86_64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
    "windows-arm64": "aarch64-pc-windows-msvc",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a tar. `type` is one of tarfile's; `size` overrides that of the data."""

    name: str
    data: bytes = b""
    mode: int = 0o644
    type: bytes = tarfile.REGTYPE
    target: str = ""
    size: int | None = None


def file(name: str, data: bytes | str = b"", mode: int = 0o644) -> Member:
    return Member(name, data.encode() if isinstance(data, str) else data, mode)


def folder(name: str) -> Member:
    return Member(name, mode=0o755, type=tarfile.DIRTYPE)


def link(name: str, target: str) -> Member:
    return Member(name, mode=0o777, type=tarfile.SYMTYPE, target=target)


def hard_link(name: str, target: str) -> Member:
    return Member(name, type=tarfile.LNKTYPE, target=target)


def make_install_only(
    where: Path, target: Target, *, extra: Sequence[Member] = (), without: Collection[str] = ()
) -> Path:
    """Write an archive of the right shape, named as published ones are, into a folder.

    `extra` members come last; `without` leaves out members of these names.
    """
    members = [member for member in install_only(target) if member.name not in without]
    name = f"cpython-{VERSION}+{RELEASE}-{_TRIPLES[target.name]}-install_only_stripped.tar.gz"
    return write_archive(where / name, [*members, *extra])


def write_archive(path: Path, members: Iterable[Member]) -> Path:
    """Write a gzipped tar of exactly these members, however wrong they are."""
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT, compresslevel=1) as tar:
        for member in members:
            tar.addfile(_tar_info(member), io.BytesIO(member.data))
    return path


def members_of(tree: Path, prefix: str = "python") -> list[Member]:
    """Return a folder of the disk as members, links as links: an archive around real files."""
    members: list[Member] = []
    for path in sorted(tree.rglob("*")):
        name = f"{prefix}/{path.relative_to(tree).as_posix()}"
        if path.is_symlink():
            members.append(link(name, str(path.readlink())))
        elif path.is_file():
            members.append(file(name, path.read_bytes(), path.stat().st_mode & 0o777))
    return members


def install_only(target: Target) -> list[Member]:
    """Return the members of an archive of the right shape, with something of every kind."""
    return [*_SHAPES[target.system](target), *_standard_library(target)]


def native(target: Target, needed: Sequence[str] = ()) -> bytes:
    """Return the head of a program or library of a target that needs these libraries."""
    return _NATIVE[target.system](target.machine, needed)


def elf(machine: str, needed: Sequence[str] = ()) -> bytes:
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in needed)
    offsets = [1 + sum(len(other) + 1 for other in needed[:index]) for index in range(len(needed))]
    start = 64 + 2 * 56
    base = 0x400000
    dynamic = b"".join(struct.pack("<QQ", 1, offset) for offset in offsets)
    table = start + len(dynamic) + 32
    dynamic += struct.pack("<QQQQ", 5, base + table, 0, 0)
    end = table + len(strings)
    number = {"x86_64": 62, "arm64": 183}[machine]
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 3, number, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, end, end, 4096)
    place = struct.pack(
        "<IIQQQQQQ", 2, 6, start, base + start, base + start, len(dynamic), len(dynamic), 8
    )
    return head + load + place + dynamic + strings


def macho(machine: str, needed: Sequence[str] = ()) -> bytes:
    commands = b""
    for name in needed:
        text = f"@rpath/{name}".encode() + b"\0"
        text += bytes(-len(text) % 8)
        commands += struct.pack("<IIIIII", 0x0C, 24 + len(text), 24, 0, 0, 0) + text
    number = {"x86_64": 0x01000007, "arm64": 0x0100000C}[machine]
    head = struct.pack("<IIIIIIII", 0xFEEDFACF, number, 0, 2, len(needed), len(commands), 0, 0)
    return head + commands


def universal_macho(*slices: bytes) -> bytes:
    head = struct.pack(">II", 0xCAFEBABE, len(slices))
    start = len(head) + 20 * len(slices)
    for index, part in enumerate(slices):
        place = start + sum(len(other) for other in slices[:index])
        head += struct.pack(">IIIII", 0, 0, place, len(part), 0)
    return head + b"".join(slices)


def pe(machine: str, needed: Sequence[str] = ()) -> bytes:
    number = {"x86_64": 0x8664, "arm64": 0xAA64}[machine]
    address, place = 0x1000, 512
    table = address + 20 * (len(needed) + 1)
    imports, names = b"", b""
    for name in needed:
        imports += struct.pack("<IIIII", 0, 0, 0, table + len(names), 0)
        names += name.encode() + b"\0"
    data = imports + bytes(20) + names
    optional = struct.pack("<H", 0x20B) + bytes(106) + struct.pack("<I", 16)
    optional += bytes(8) + struct.pack("<II", address if needed else 0, len(imports)) + bytes(112)
    head = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0"
    head += struct.pack("<HHIIIHH", number, 1, 0, 0, 0, len(optional), 0x22) + optional
    head += b".idata\0\0" + struct.pack("<IIII", len(data), address, len(data), place) + bytes(16)
    return head.ljust(place, b"\0") + data


def _tar_info(member: Member) -> tarfile.TarInfo:
    info = tarfile.TarInfo(member.name)
    info.type = member.type
    info.mode = member.mode
    info.linkname = member.target
    info.size = len(member.data) if member.size is None else member.size
    info.mtime = 1_762_700_000
    info.uid, info.gid, info.uname = 4711, 4711, "builder"
    return info


def _linux(target: Target) -> list[Member]:
    needs_python = ("libpython3.14.so.1.0",)
    return [
        *_posix(target, "so"),
        file("python/lib/libpython3.14.so.1.0", native(target, ("libc.so.6",)), 0o755),
        link("python/lib/libpython3.14.so", "libpython3.14.so.1.0"),
        file("python/lib/libpython3.so", native(target, needs_python), 0o755),
        # Only a distribution's interpreter brings its libraries along.
        file("python/lib/runtime/libncursesw.so.6", native(target, ("libtinfo.so.6",)), 0o755),
        file("python/lib/runtime/libpanelw.so.6", native(target, ("libncursesw.so.6",)), 0o755),
        file("python/share/terminfo/n/ncr260vt300wpp", "terminal"),
        link("python/share/terminfo/N/NCR260VT300WPP", "../n/ncr260vt300wpp"),
    ]


def _macos(target: Target) -> list[Member]:
    library = native(target, ("libSystem.B.dylib",))
    return [*_posix(target, "dylib"), file("python/lib/libpython3.14.dylib", library, 0o755)]


def _posix(target: Target, suffix: str) -> list[Member]:
    script = "#!/bin/sh\n'''exec' \"$(dirname -- \"$0\")/python3.14\" \"$0\" \"$@\"\n' '''\n"
    modules = "python/lib/python3.14/lib-dynload"
    abi = {"linux": "cpython-314-x86_64-linux-gnu.so", "macos": "cpython-314-darwin.so"}
    extension = abi[target.system]
    makefile = f"python/lib/python3.14/config-3.14-{extension.split('-', 2)[-1]}"
    return [
        file("python/bin/python3.14", native(target, ("libc.so.6",)), 0o755),
        link("python/bin/python3", "python3.14"),
        link("python/bin/python", "python3.14"),
        *(
            file(f"python/bin/{name}", script, 0o755)
            for name in ("pip", "pip3", "pip3.14", "idle3.14", "pydoc3.14", "python3.14-config")
        ),
        link("python/bin/python3-config", "python3.14-config"),
        link("python/bin/idle3", "idle3.14"),
        file("python/include/python3.14/Python.h", "/* */"),
        file(f"python/lib/libtcl9.0.{suffix}", native(target), 0o755),
        file(f"python/lib/libtcl9tk9.0.{suffix}", native(target), 0o755),
        file("python/lib/tcl9/9.0/http-2.10.tm", "# tcl"),
        file("python/lib/tcl9.0/init.tcl", "# tcl"),
        file("python/lib/tcl9.0/libtclstub.a", "!<arch>\n"),
        file("python/lib/tk9.0/tk.tcl", "# tk"),
        file("python/lib/itcl4.3.8/itcl.tcl", "# tcl"),
        file("python/lib/thread3.0.6/thread.tcl", "# tcl"),
        file("python/lib/pkgconfig/python3.pc", "prefix=/install"),
        file("python/share/man/man1/python3.14.1", ".TH"),
        file(f"{makefile}/Makefile", "prefix=/install"),
        file(f"{makefile}/python.o", native(target)),
        file(f"{makefile}/libpython3.14.a", "!<arch>\n"),
        file("python/lib/python3.14/_sysconfigdata__made_up_.py", "build_time_vars = {}\n"),
        file(f"{modules}/.empty"),
        *(
            file(f"{modules}/{name}.{extension}", native(target), 0o755)
            for name in ("_ssl", "_tkinter", "_testcapi", "_ctypes_test", "xxlimited")
        ),
        file(f"{modules}/_remote_debugging.{extension}", native(target), 0o755),
        file(f"{modules}/_curses.{extension}", native(target, ("libncursesw.so.6",)), 0o755),
    ]


def _windows(target: Target) -> list[Member]:
    binary = native(target, ("KERNEL32.dll",))
    return [
        file("python/python.exe", native(target, ("python314.dll", "VCRUNTIME140.dll")), 0o755),
        file("python/pythonw.exe", native(target, ("python314.dll",)), 0o755),
        *(
            file(f"python/{name}", binary)
            for name in ("python3.dll", "python314.dll", "vcruntime140.dll", "vcruntime140_1.dll")
        ),
        file("python/LICENSE.txt", "PSF"),
        file("python/NEWS.txt", "news"),
        file("python/DLLs/_ssl.pyd", native(target, ("libssl-3.dll", "python314.dll"))),
        file("python/DLLs/_tkinter.pyd", native(target, ("tcl90.dll", "zlib1.dll"))),
        *(
            file(f"python/DLLs/{name}", binary)
            for name in (
                "libssl-3.dll",
                "libcrypto-3.dll",
                "tcl90.dll",
                "tcl9tk90.dll",
                "zlib1.dll",
                "libtommath.dll",
                "_testcapi.pyd",
                "_ctypes_test.pyd",
                "_remote_debugging.pyd",
            )
        ),
        file("python/DLLs/py.ico", "icon"),
        file("python/include/Python.h", "/* */"),
        file("python/libs/python314.lib", "!<arch>\n"),
        file("python/tcl/tcl9.0/init.tcl", "# tcl"),
        file("python/Scripts/.empty"),
        file("python/Lib/venv/scripts/nt/venvlauncher.exe", binary),
    ]


def _standard_library(target: Target) -> list[Member]:
    root = f"python/{target.layout.standard_library}"
    sources = {
        "os.py": "name = 'made up'\n",
        "site.py": "",
        "LICENSE.txt": "PSF LICENSE",
        "json/__init__.py": "def loads(text):\n    return text\n",
        "unittest/__init__.py": "",
        "unittest/mock.py": "",
        "encodings/__init__.py": "",
        "pydoc.py": "",
        "_pydatetime.py": "",
        "_pydecimal.py": "",
        "_pyio.py": "",
        "pydoc_data/topics.py": "topics = {}\n",
        "tkinter/__init__.py": "",
        "idlelib/__init__.py": "",
        "turtledemo/__init__.py": "",
        "turtle.py": "",
        "curses/__init__.py": "",
        "test/__init__.py": "",
        "ctypes/__init__.py": "",
        "ctypes/test/__init__.py": "",
        "venv/__init__.py": "",
        "ensurepip/__init__.py": "",
        "ensurepip/_bundled/pip-26.2.1-py3-none-any.whl": "PK",
        "site-packages/README.txt": "",
        "site-packages/pip/__init__.py": "",
        "site-packages/pip/__pycache__/__init__.cpython-314.pyc": "",
    }
    return [file(f"{root}/{name}", text) for name, text in sources.items()]


_SHAPES: Mapping[System, Callable[[Target], list[Member]]] = {
    "linux": _linux,
    "macos": _macos,
    "windows": _windows,
}
_NATIVE: Mapping[System, Callable[[str, Sequence[str]], bytes]] = {
    "linux": elf,
    "macos": macho,
    "windows": pe,
}
