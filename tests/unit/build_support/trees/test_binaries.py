from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from build_support.errors import ArchiveError
from build_support.target import TARGETS, Target
from build_support.trees.binaries import Binary, needed_libraries, read_binary
from tests.archives import elf, macho, native, pe, universal_macho

EVERY_TARGET = [pytest.param(target, id=name) for name, target in TARGETS.items()]


@pytest.mark.parametrize("target", EVERY_TARGET)
@pytest.mark.parametrize("needed", [(), ("one.so",), ("one.so", "two.so", "three.so")])
def test_reads_system_processor_and_libraries(
    target: Target, needed: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "program"
    path.write_bytes(native(target, needed))
    expected = Binary(target.system, frozenset({target.machine}), frozenset(needed))
    assert read_binary(path) == expected


def test_reads_every_slice_of_a_universal_file(tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(universal_macho(macho("arm64", ("a",)), macho("x86_64", ("b",))))
    assert read_binary(path) == Binary("macos", frozenset({"arm64", "x86_64"}), frozenset("ab"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"#!/bin/sh\n",
        b"!<arch>\n",
        b"MZ" + bytes(58) + b"\x40\0\0\0" + b"NE is no PE",
        b"\xca\xfe\xba\xbe\0\0\0\x41 a Java class",
        b"\x7fEL",
    ],
)
def test_other_files_are_none(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert read_binary(path) is None


def test_other_processors_have_a_number(tmp_path: Path) -> None:
    path = tmp_path / "program"
    data = bytearray(elf("x86_64"))
    data[18] = 243
    path.write_bytes(data)
    binary = read_binary(path)
    assert binary is not None
    assert binary.machines == {"0xf3"}


@pytest.mark.parametrize(
    "data", [elf("arm64", ("a",)), macho("arm64", ("a",)), pe("arm64", ("a",))]
)
def test_files_cut_short_are_named(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "library.so"
    path.write_bytes(data[:-1])
    with pytest.raises(ArchiveError) as caught:
        read_binary(path)
    assert "library.so" in caught.value.what
    assert caught.value.why
    assert caught.value.hint


def test_absurd_numbers_do_not_make_it_read_much(tmp_path: Path) -> None:
    path = tmp_path / "library.so"
    for data in (elf("x86_64", ("a",)), macho("x86_64", ("a",)), pe("x86_64", ("a",))):
        for place in range(8, min(len(data), 250) - 8, 2):
            path.write_bytes(data[:place] + b"\xff" * 8 + data[place + 8 :])
            with suppress(ArchiveError):
                read_binary(path)


def test_finds_who_needs_what(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    one, two = tmp_path / "deep/one.so", tmp_path / "two.pyd"
    one.write_bytes(elf("x86_64", ("libc.so.6", "libX.so")))
    two.write_bytes(pe("x86_64", ("KERNEL32.dll",)))
    (tmp_path / "text.py").write_bytes(elf("x86_64", ("never",)))
    (tmp_path / "link.so").symlink_to("deep/one.so")
    needed = needed_libraries(tmp_path)
    assert needed == {"libc.so.6": one, "libx.so": one, "kernel32.dll": two}
    assert needed_libraries(tmp_path, besides=[one]) == {"kernel32.dll": two}
