from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from build_support.bundles.children import path_file, site_folder
from build_support.bundles.manifest import Manifest
from build_support.target import TARGETS
from tests.unit.build_support.bundles.test_manifest import MANIFEST

_ROOTS = ("app/src", "app")


def _manifest(target: str, provider: str = "python-build-standalone") -> Manifest:
    python = replace(MANIFEST.python, provider=provider)
    return replace(MANIFEST, target=target, python=python, source_roots=_ROOTS)


@pytest.mark.parametrize("target", TARGETS)
def test_path_file_leads_from_its_folder_to_the_project_and_then_the_packages(target: str) -> None:
    manifest = _manifest(target)
    folder = site_folder(manifest)
    *roots, call = path_file(manifest).splitlines()
    assert [os.path.normpath(folder / root) for root in roots] == [
        str(Path(root)) for root in _ROOTS
    ]
    statement, argument = call.rstrip(")").split("(")
    assert statement.endswith("; import djdesk_paths; djdesk_paths.add_packages")
    assert os.path.normpath(folder / argument.strip("'")) == "packages"


@pytest.mark.parametrize(
    ("target", "provider", "expected"),
    [
        ("linux-arm64", "python-build-standalone", "python/lib/python3.14/site-packages"),
        ("macos-arm64", "python-build-standalone", "python/lib/python3.14/site-packages"),
        ("windows-arm64", "python-build-standalone", "python/Lib/site-packages"),
        ("linux-x86_64", "debian", "python/lib/python3.14/dist-packages"),
    ],
)
def test_path_file_is_where_site_looks(target: str, provider: str, expected: str) -> None:
    assert site_folder(_manifest(target, provider)).as_posix() == expected
