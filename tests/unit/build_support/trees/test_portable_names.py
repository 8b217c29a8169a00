from __future__ import annotations

import pytest

from build_support.trees.portable_names import folded, problem


@pytest.mark.parametrize(
    "name",
    [
        "os.py",
        ".empty",
        "..hidden",
        "con_.py",
        "console",
        "com",
        "com10",
        "nully.txt",
        "libstdc++.so.6",
        "GMT+0",
        "ü",
        "名前",
        "with space.txt",
        "a" * 255,
        "é" * 127,
    ],
)
def test_portable(name: str) -> None:
    assert problem(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("CON", "device"),
        ("con.txt", "device"),
        ("Nul.tar.gz", "device"),
        ("aux ", "space"),
        ("aux .c", "device"),
        ("lpt9", "device"),
        ("com¹", "device"),
        ("CONOUT$", "device"),
        ("a.", "dot"),
        ("...", "dot"),
        ("a ", "space"),
        ('a"b', "Windows"),
        ("a|b", "Windows"),
        ("a\\b", "Windows"),
        ("a/b", "Windows"),
        ("tab\t", "control"),
        ("delete\x7f", "control"),
        ("\udc80", "UTF-8"),
        ("a" * 256, "255"),
        ("é" * 128, "255"),
    ],
)
def test_not_portable(name: str, why: str) -> None:
    assert why in problem(name)


@pytest.mark.parametrize(
    ("first", "second"),
    [("A", "a"), ("STRASSE", "straße"), ("\u00c9", "e\u0301"), ("\u212b", "å"), ("ΑΣ", "ας")],
)
def test_the_same_file_somewhere(first: str, second: str) -> None:
    assert folded(first) == folded(second)


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("e", "é"), ("a/b", "ab")])
def test_other_files(first: str, second: str) -> None:
    assert folded(first) != folded(second)
