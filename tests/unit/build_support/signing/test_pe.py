from __future__ import annotations

import struct
from pathlib import Path

import pytest

from build_support.errors import VerificationError
from build_support.signing.pe import check_programs, find_programs, read_program
from tests.archives import pe
from tests.unit.build_support.signing.made_up import program, thin, write

CERTIFICATE = struct.pack("<IHH", 200, 0x200, 2) + bytes(192)


@pytest.mark.parametrize("bits", [32, 64])
def test_reads_where_the_signature_is(bits: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(program(CERTIFICATE, bits=bits))
    found = read_program(path)
    assert found is not None
    assert found.is_signed
    assert not found.problem
    assert path.read_bytes()[found.offset :] == CERTIFICATE
    path.write_bytes(program(bits=bits))
    found = read_program(path)
    assert found is not None
    assert not found.is_signed
    assert not found.problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (program(CERTIFICATE)[:-1], "file ends at"),
        (program(entry=(0x10000, 200)), "file ends at"),
        (program(entry=(0xFFFFFFF0, 0xFFFFFFF0)), "file ends at"),
        (program(CERTIFICATE, entry=(0x40, 100)), "inside the header"),
        (program(CERTIFICATE, entry=(0x190, 7)), "too few"),
        (program(CERTIFICATE, entry=(0x190, 0)), "too few"),
        (program(directories=4), "no room"),
    ],
)
def test_finds_what_signtool_would_fail_on(content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "tcl90.dll"
    path.write_bytes(content)
    found = read_program(path)
    assert found is not None
    assert problem in found.problem
    with pytest.raises(VerificationError) as caught:
        check_programs([found])
    assert "tcl90.dll" in caught.value.why
    assert problem in caught.value.why


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ",
        b"MZ" + bytes(100),
        b"MZ" + bytes(58) + struct.pack("<I", 0x40) + b"NE" + bytes(100),
        b"MZ" + bytes(58) + struct.pack("<I", 0xFFFFFFFF) + bytes(100),
        program()[:0x82],
        thin(),
        b"not a program",
    ],
)
def test_other_files_are_none(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.exe"
    path.write_bytes(content)
    assert read_program(path) is None


def test_a_file_cut_short_anywhere_is_no_crash(tmp_path: Path) -> None:
    whole = program(CERTIFICATE)
    path = tmp_path / "file.dll"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        found = read_program(path)
        assert found is None or found.problem


def test_finds_programs_by_content(tmp_path: Path) -> None:
    files = {"b/_x.pyd": program(), "a.exe": program(CERTIFICATE), "c/odd-name": pe("x86_64")}
    write(tmp_path, {**files, "text.dll": b"text", "module.py": b"print()"})
    (tmp_path / "link.dll").symlink_to("a.exe")
    found = list(find_programs(tmp_path))
    assert [each.path.relative_to(tmp_path).as_posix() for each in found] == sorted(files)
    check_programs(found[:2])
