from __future__ import annotations

from pathlib import Path

import pytest

from build_support.bundles.manifest import Python
from build_support.errors import VerificationError
from build_support.licences.interpreter import LIBRARIES, TEXTS, interpreter_parts
from build_support.target import TARGETS, Target
from tests.unit.build_support.signing.made_up import write

PYTHON = Python("3.14.10", "python-build-standalone", "cpython.tar.gz", "0" * 64, True)
EVERY_TARGET = [pytest.param(target, id=name) for name, target in TARGETS.items()]


def _bundle(folder: Path, target: Target) -> Path:
    place = "" if target.system == "windows" else f"{target.layout.standard_library}/"
    write(folder, {f"python/{place}LICENSE.txt": b"PSF licence"})
    return folder


@pytest.mark.parametrize("target", EVERY_TARGET)
def test_names_what_is_compiled_into_it(target: Target, tmp_path: Path) -> None:
    itself, *libraries = interpreter_parts(_bundle(tmp_path, target), PYTHON, target)
    assert (itself.name, itself.version, itself.licence) == ("CPython", "3.14.10", "PSF-2.0")
    assert itself.notices[0].text == "PSF licence"
    names = [library.name for library in libraries]
    assert names == sorted(names)
    assert {"openssl", "sqlite", "libffi"} <= set(names)
    assert ("vcruntime" in names) == (target.system == "windows")
    assert all(library.notices[0].text.strip() for library in libraries)


def test_every_text_belongs_to_a_library() -> None:
    assert {path.stem for path in TEXTS.glob("*.txt")} == {
        *(library.name for library in LIBRARIES),
        "cpython",
    }


def test_option_b_carries_the_texts_of_its_packages(tmp_path: Path) -> None:
    target = TARGETS["linux-x86_64"]
    bundle = _bundle(tmp_path, target)
    documents = "python/share/doc"
    write(bundle, {f"{documents}/zlib1g/copyright": b"z", f"{documents}/libc6/copyright": b"c"})
    _, *libraries = interpreter_parts(bundle, PYTHON, target)
    assert [(library.name, library.notices[0].text) for library in libraries] == [
        ("libc6", "c"),
        ("zlib1g", "z"),
    ]


def test_cpython_is_not_shipped_without_its_licence(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="licence is not in"):
        interpreter_parts(tmp_path, PYTHON, TARGETS["macos-arm64"])
