"""Signing as the real electron-builder does it: with what, and what it leaves alone."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from build_support.cache import open_cache
from build_support.desktop import electron
from build_support.desktop.modules import Modules, install_modules
from build_support.desktop.node import find_node
from build_support.icons.make import make_icons
from build_support.packages.builder import Bench, build_folder
from build_support.packages.configuration import configure, read_committed
from build_support.packages.electrons import PackagedElectron
from build_support.packages.sealing import HOOK_VARIABLE, for_electron_builder
from build_support.processes import run
from build_support.reporter import Reporter
from build_support.signing.codesign import Identity
from build_support.target import TARGETS
from tests.unit.build_support.packages.made_up import PUBLICATION, ingredients
from tests.unit.build_support.signing.made_up import EXECUTE, program, thin, write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="CI packages on Windows by itself")

_WINDOWS = TARGETS["windows-x86_64"]
_SHA1 = "0123456789ABCDEF0123456789ABCDEF01234567"
#: A certificate, and the one that was made before it ran out.
_IDENTITIES = f"""\
  1) {_SHA1[::-1]} "Developer ID Application: Me (TEAM)"
  2) {_SHA1} "Developer ID Application: Me (TEAM)"
     2 valid identities found
"""
#: A signtool that changes each file, as signing does, and notes which it was.
_SIGNTOOL = """\
import pathlib, sys
notes, file = map(pathlib.Path, sys.argv[1:])
with notes.open("a", encoding="utf-8") as stream:
    stream.write(f"{file.name}\\n")
with file.open("ab") as stream:
    stream.write(b"signed")
"""


@pytest.fixture(scope="module")
def modules() -> Modules:
    """The shell's npm packages, with electron-builder among them."""
    reporter = Reporter(StringIO())
    return install_modules(find_node(open_cache(), reporter), reporter)


def test_a_folder_is_packed_without_signing_the_bundle_again(
    tmp_path: Path, modules: Modules
) -> None:
    files = {"bundle/python/python.exe": program(), "bundle/VERSION": b"1", "about/NOTICES": b"x"}
    write(tmp_path, files)
    cache = open_cache()
    folder = electron.stand_in_folder(_WINDOWS, cache=cache)
    parts = replace(
        ingredients(_WINDOWS.name, rehearsal=None),
        electron=PackagedElectron(folder, electron.read_version(folder, _WINDOWS), ""),
        icons=make_icons(PUBLICATION.icon, cache),
        bundle=tmp_path / "bundle",
        about=tmp_path / "about",
    )
    work, notes = tmp_path / "work", tmp_path / "notes.txt"
    work.mkdir()
    (tmp_path / "signtool.py").write_text(_SIGNTOOL, encoding="utf-8")
    command = json.dumps([sys.executable, str(tmp_path / "signtool.py"), str(notes)])
    bench = Bench(modules, _WINDOWS, work, {HOOK_VARIABLE: command})
    packed = build_folder(bench, configure(parts, work / "built", read_committed(), signed=True))
    inside = packed / "resources" / "django-bundle" / "python" / "python.exe"
    assert inside.read_bytes() == program()
    assert (packed / "notes.exe").is_file()
    assert not notes.exists(), notes.read_text(encoding="utf-8")


@pytest.mark.parametrize("keychain", [None, "/build/signing.keychain-db"])
def test_the_shell_is_signed_with_the_hash_that_signed_the_bundle(
    keychain: str | None, tmp_path: Path, modules: Modules
) -> None:
    application, notes = tmp_path / "My.app", tmp_path / "notes.txt"
    write(
        application / "Contents",
        {
            "Info.plist": b"<plist/>",
            "MacOS/My": thin(EXECUTE),
            "Resources/django-bundle/python/bin/python3": thin(EXECUTE),
        },
    )
    _write_script(tmp_path / "codesign", f"echo \"$*\" >> '{notes}'")
    _write_script(tmp_path / "security", f"cat <<END\n{_IDENTITIES}END")
    identity = Identity(_SHA1, Path(keychain) if keychain else None)
    run(
        modules.node.command(
            Path(__file__).with_name("mac_signing.cjs"),
            modules.folder / "app-builder-lib" / "out",
            application,
            tmp_path / "security",
            json.dumps(
                configure(
                    ingredients("macos-arm64", rehearsal=None),
                    tmp_path,
                    read_committed(),
                    signed=True,
                )["mac"]
            ),
        ),
        doing="Signing",
        environment={
            "PATH": f"{tmp_path}{os.pathsep}{os.defpath}",
            "HOME": str(tmp_path),
            **for_electron_builder(identity),
        },
    )
    lines = notes.read_text(encoding="utf-8").splitlines()
    signed = [line for line in lines if line.startswith("--sign ")]
    place = f" --keychain {keychain}" if keychain else ""
    assert {line.partition(" --timestamp")[0] for line in signed} == {
        f"--sign {_SHA1} --force{place}"
    }
    paths = [line.rpartition(" ")[2] for line in signed]
    assert paths == [f"{application}/Contents/MacOS/My", str(application)]


def _write_script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
