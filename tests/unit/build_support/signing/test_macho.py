from __future__ import annotations

import struct
from pathlib import Path

import pytest

from build_support.signing.macho import Plan, kind_of, plan_signing
from tests.archives import macho, universal_macho
from tests.unit.build_support.signing.made_up import (
    BUNDLE,
    DYLIB,
    EXECUTE,
    OBJECT,
    SYMBOLS,
    fat,
    program,
    thin,
    write,
)

JAVA_CLASS = b"\xca\xfe\xba\xbe" + struct.pack(">HH", 0, 65) + bytes(200)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (EXECUTE, "program"),
        (DYLIB, "library"),
        (BUNDLE, "library"),
        (OBJECT, None),
        (SYMBOLS, None),
    ],
)
def test_thin_files(number: int, kind: str | None, order: str, bits: int, tmp_path: Path) -> None:
    path = tmp_path / "no-extension"
    path.write_bytes(thin(number, order=order, bits=bits))
    assert kind_of(path) == kind


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_universal_files(order: str, bits: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(fat(thin(EXECUTE), thin(EXECUTE, order=">"), order=order, bits=bits))
    assert kind_of(path) == "program"
    path.write_bytes(fat(thin(DYLIB), order=order, bits=bits))
    assert kind_of(path) == "library"


def test_files_that_other_tests_make_up(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (macho("arm64"), universal_macho(macho("arm64"), macho("x86_64"))):
        path.write_bytes(content)
        assert kind_of(path) is not None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xcf\xfa\xed", id="three bytes"),
        pytest.param(thin()[:14], id="a header cut short"),
        pytest.param(JAVA_CLASS, id="a Java class"),
        pytest.param(b"\xca\xfe\xba\xbe" + struct.pack(">HH", 3, 45) + bytes(99), id="an old one"),
        pytest.param(fat(), id="no slices"),
        pytest.param(fat(thin())[:30], id="slices cut short"),
        pytest.param(fat(b"!<arch>\n" + bytes(40)), id="a universal static library"),
        pytest.param(fat(thin(), b"text, not a program" * 3), id="a slice of something else"),
        pytest.param(
            b"\xca\xfe\xba\xbf" + struct.pack(">IIIQQII", 1, 7, 3, 1 << 63, 9, 0, 0), id="far away"
        ),
        pytest.param(b"\x7fELF" + bytes(60), id="for Linux"),
        pytest.param(program(), id="for Windows"),
        pytest.param(b"#!/bin/sh\n", id="a script"),
    ],
)
def test_everything_else_is_not_signed(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "library.dylib"
    path.write_bytes(content)
    assert kind_of(path) is None


def test_plans_inside_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "python/bin/python3.14": thin(EXECUTE),
            "python/lib/libpython.dylib": thin(DYLIB),
            "packages/one/_one.so": fat(thin(BUNDLE), thin(BUNDLE)),
            "packages/one/data.bin": thin(BUNDLE),
            "packages/one/text.so": b"no library",
            "packages/Outer.framework/Resources/Info.plist": b"",
            "packages/Outer.framework/Outer": thin(DYLIB),
            "packages/Outer.framework/Inner.app/Contents/Info.plist": b"",
            "packages/Outer.framework/Inner.app/Contents/MacOS/Inner": thin(EXECUTE),
            "packages/only_a_name.bundle/readme": b"",
        },
    )
    (tmp_path / "python/bin/python3").symlink_to("python3.14")
    packages = tmp_path / "packages"
    assert plan_signing(tmp_path) == Plan(
        libraries=(
            packages / "Outer.framework/Outer",
            packages / "one/_one.so",
            packages / "one/data.bin",
            tmp_path / "python/lib/libpython.dylib",
        ),
        programs=(
            packages / "Outer.framework/Inner.app/Contents/MacOS/Inner",
            tmp_path / "python/bin/python3.14",
        ),
        nested=(packages / "Outer.framework/Inner.app", packages / "Outer.framework"),
    )
