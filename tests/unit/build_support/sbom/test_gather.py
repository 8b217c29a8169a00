from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_support.licences.notices import render_notices
from build_support.licences.shell import Electron
from build_support.sbom.bill import make_bill
from build_support.sbom.gather import gather, parts_of
from tests.unit.build_support.licences.made_up import locked
from tests.unit.build_support.made_bundle import made_bundle
from tests.unit.build_support.signing.made_up import write


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return made_bundle(tmp_path / "bundle")


def test_a_bundle_tells_what_it_holds(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "electron"
    write(folder, {"LICENSE": b"MIT", "LICENSES.chromium.html": b"many"})
    electron = Electron("45.4.1", "e" * 64, folder)
    contents = gather(bundle, [locked("django", "6.1.3")], electron=electron)
    document = json.loads(make_bill(contents))
    versions = {each["name"]: each["version"] for each in document["components"]}
    assert versions == {
        "CPython": "3.14.10",
        "Django": "6.1.3",
        "Electron": "45.4.1",
        "djdesk_runtime": "0.1.0",
    }
    names = [part.name for part in parts_of(contents)]
    assert names[:2] == ["Electron", "CPython"]
    assert "vcruntime" in names
    assert names[-1] == "Django"
    assert "BSD text" in render_notices("My App", parts_of(contents))


def test_a_bundle_alone_has_no_shell(bundle: Path) -> None:
    contents = gather(bundle, [locked("django", "6.1.3")])
    assert parts_of(contents)[0].name == "CPython"
