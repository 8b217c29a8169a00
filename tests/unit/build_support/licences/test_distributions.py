from __future__ import annotations

from pathlib import Path

import pytest

from build_support.errors import VerificationError
from build_support.licences.distributions import check_complete, read_distributions
from build_support.licences.parts import Notice, Part
from build_support.target import TARGETS
from tests.unit.build_support.licences.made_up import install, locked

LINUX, WINDOWS = TARGETS["linux-x86_64"], TARGETS["windows-x86_64"]


def test_reads_names_licences_and_texts(tmp_path: Path) -> None:
    install(
        tmp_path,
        "Modern.Name",
        "2.0",
        "License-Expression: MIT",
        "License-File: LICENSE",
        "License-File: vendored/odd-name.txt",
        "Project-URL: Source, https://example.org/source",
        "Project-URL: Homepage, https://example.org/",
        files={
            "licenses/LICENSE": "MIT text",
            "licenses/vendored/odd-name.txt": "another text",
            "licenses/README": "not a licence",
        },
    )
    old = {"LICENSE.rst": "old text", "AUTHORS": "they", "COPYING-LIB": "more", "RECORD": ""}
    install(tmp_path, "old", "1.0.post1", "License: BSD", "Home-page: http://old.org", files=old)
    modern, ancient = read_distributions(tmp_path, LINUX)
    assert modern.name == "modern-name"
    assert modern.part == Part(
        name="Modern.Name",
        version="2.0",
        licence="MIT",
        homepage="https://example.org/",
        notices=(Notice("LICENSE", "MIT text"), Notice("vendored/odd-name.txt", "another text")),
    )
    assert (ancient.part.version, ancient.part.licence) == ("1.0.post1", "BSD")
    assert ancient.part.homepage == "http://old.org"
    assert {notice.file: notice.text for notice in ancient.part.notices} == {
        name: text for name, text in old.items() if name != "RECORD"
    }


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    install(tmp_path / "packages", "odd", "1", "License-File: ../../secret")
    (odd,) = read_distributions(tmp_path / "packages", LINUX)
    assert not odd.part.notices


def test_dependencies_are_those_of_the_target(tmp_path: Path) -> None:
    install(
        tmp_path,
        "django",
        "6.1",
        "Requires-Dist: SQL_parse>=0.5",
        'Requires-Dist: tzdata; sys_platform == "win32"',
        'Requires-Dist: argon2-cffi; extra == "argon2"',
        "Requires-Dist: not a requirement at all",
    )
    assert read_distributions(tmp_path, LINUX)[0].dependencies == ("sql-parse",)
    assert read_distributions(tmp_path, WINDOWS)[0].dependencies == ("sql-parse", "tzdata")


def test_a_bundle_holds_what_its_lock_names(tmp_path: Path) -> None:
    for name, version in (("one", "1.0"), ("two", "2.0"), ("three", "3.0")):
        install(tmp_path, name, version)
    found = read_distributions(tmp_path, LINUX)
    check_complete(found, [locked("One", "1.0"), locked("two", "2.0"), locked("three", "3.0")])
    with pytest.raises(VerificationError) as caught:
        check_complete(found, [locked("one", "1.0"), locked("two", "2.1"), locked("four", "4.0")])
    assert caught.value.why.splitlines() == [
        "four: the lock has 4.0, the bundle none",
        "three: the lock has none, the bundle 3.0",
        "two: the lock has 2.1, the bundle 2.0",
    ]
