"""Fuses as the real electron-builder sets them, read from the program that it leaves."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from build_support.cache import open_cache
from build_support.desktop.modules import Modules
from build_support.icons.make import make_icons
from build_support.packages.builder import Bench, build_folder
from build_support.packages.configuration import configure, read_committed
from build_support.packages.electrons import PackagedElectron
from build_support.target import TARGETS
from tests.integration.test_signing import modules
from tests.unit.build_support.packages.made_up import PUBLICATION, ingredients
from tests.unit.build_support.signing.made_up import write

__all__ = ["modules"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="CI packages on Windows by itself")

#: Where Electron's fuses are in its program: after this come a version, a count and the states
#: (Electron, docs/tutorial/fuses.md).
_SENTINEL = b"dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"
_DEFAULTS = b"101100011"
#: In the order of their numbers (@electron/fuses 2.1, FuseV1Options), as they have to be.
_WANTED = {
    "RunAsNode": False,
    "EnableCookieEncryption": False,
    "EnableNodeOptionsEnvironmentVariable": False,
    "EnableNodeCliInspectArguments": False,
    "EnableEmbeddedAsarIntegrityValidation": True,
    "OnlyLoadAppFromAsar": True,
    "LoadBrowserProcessSpecificV8Snapshot": False,
    "GrantFileProtocolExtraPrivileges": False,
    "WasmTrapHandlers": True,
}


@pytest.mark.parametrize("signed", [False, True])
def test_the_fuses_of_a_package(tmp_path: Path, modules: Modules, signed: bool) -> None:
    target = TARGETS["linux-x86_64"]
    wire = b"\x01" + bytes([len(_DEFAULTS)]) + _DEFAULTS
    write(
        tmp_path,
        {
            "electron/electron": b"\x7fELF" + b"x" * 1000 + _SENTINEL + wire + b"x" * 1000,
            "electron/version": b"45.4.1",
            "electron/LICENSE": b"x",
            "electron/locales/en-US.pak": b"x",
            "electron/resources/default_app.asar": b"x",
            "bundle/VERSION": b"1",
            "about/NOTICES": b"x",
        },
    )
    parts = replace(
        ingredients(target.name, rehearsal=None),
        electron=PackagedElectron(tmp_path / "electron", "45.4.1", ""),
        icons=make_icons(PUBLICATION.icon, open_cache()),
        bundle=tmp_path / "bundle",
        about=tmp_path / "about",
    )
    work = tmp_path / "work"
    work.mkdir()
    configuration = configure(parts, work / "built", read_committed(), signed=signed)
    packed = build_folder(Bench(modules, target, work), configuration)
    content = (packed / "notes").read_bytes()
    states = content.partition(_SENTINEL)[2][2 : 2 + len(_WANTED)]
    found = {name: chr(state) == "1" for name, state in zip(_WANTED, states, strict=True)}
    assert found == {**_WANTED, "EnableCookieEncryption": signed}
    assert not (packed / "resources" / "default_app.asar").exists()
    assert (packed / "resources" / "app.asar").is_file()
