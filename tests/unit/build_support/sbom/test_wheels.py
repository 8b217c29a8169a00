from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_support.sbom.wheels import Vendored, read_vendored
from tests.unit.build_support.licences.made_up import install

ITSELF = {"type": "library", "name": "Pillow", "version": "13"}
JPEG = {"type": "library", "name": "libjpeg", "version": "3.2", "purl": "pkg:generic/libjpeg@3.2"}


def _sbom(*components: object) -> str:
    document = {"bomFormat": "CycloneDX", "metadata": {"component": ITSELF}}
    return json.dumps({**document, "components": [ITSELF, *components]})


def test_reads_the_libraries_inside_wheels(tmp_path: Path) -> None:
    odd = {"name": "odd", "purl": "not a purl"}
    files = {
        "sboms/one.cdx.json": _sbom(JPEG, odd),
        "sboms/two.cdx.json": _sbom(JPEG),
        "sboms/three.spdx.json": '{"spdxVersion": "SPDX-2.3"}',
        "sboms/four.json": "damaged",
    }
    install(tmp_path, "Pillow", "13.0", files=files)
    install(tmp_path, "pure", "1.0", files={"sboms/pure.json": _sbom()})
    install(tmp_path, "none", "1.0")
    jpeg = Vendored("libjpeg", "3.2", "pkg:generic/libjpeg@3.2")
    assert read_vendored(tmp_path) == {"pillow": (jpeg, Vendored("odd", "", ""))}


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"bomFormat": "CycloneDX", "components": [1, {"version": "1"}]}']
)
def test_damaged_files_tell_nothing(text: str, tmp_path: Path) -> None:
    install(tmp_path, "one", "1.0", files={"sboms/one.json": text})
    assert not read_vendored(tmp_path)
