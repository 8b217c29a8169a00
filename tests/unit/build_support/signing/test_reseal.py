from __future__ import annotations

from pathlib import Path

import pytest

from build_support.bundles.manifest import read_manifest
from build_support.errors import ToolError
from build_support.signing.reseal import reseal, sign_copy
from build_support.trees.folders import FILE_TIME
from build_support.trees.listing import list_tree
from build_support.verification.files import check_files
from tests.unit.build_support.made_bundle import made_bundle
from tests.unit.build_support.signing.made_up import program, write


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    bundle = made_bundle(tmp_path / "bundle")
    write(bundle, {"packages/_x.pyd": program()})
    reseal(bundle)
    return bundle


def _sign(folder: Path) -> int:
    library = folder / "packages/_x.pyd"
    library.write_bytes(program(bytes(64)))
    library.chmod(0o600)
    return 1


def _problem(bundle: Path) -> str:
    """What the check says that compares all files with the listing and the manifest."""
    return next(iter(check_files(bundle, read_manifest(bundle))))[1]


def test_a_signed_copy_describes_itself(bundle: Path, tmp_path: Path) -> None:
    before = list_tree(bundle)
    copy = tmp_path / "signed"
    write(copy, {"left over": b""})
    assert sign_copy(bundle, copy, _sign) == 1
    assert not _problem(copy)
    assert list_tree(bundle) == before, "the bundle itself is as it was"
    assert read_manifest(copy).files != read_manifest(bundle).files
    assert read_manifest(copy).inputs == read_manifest(bundle).inputs
    assert not (copy / "left over").exists()
    for path in copy.rglob("*"):
        assert path.stat().st_mtime == FILE_TIME
    modes = {entry.path: entry.mode for entry in list_tree(copy)}
    assert modes["packages/_x.pyd"] == "644"


def test_what_was_changed_without_it_is_found(bundle: Path) -> None:
    assert not _problem(bundle)
    _sign(bundle)
    assert "packages/_x.pyd" in _problem(bundle)


def test_a_failed_signing_leaves_no_copy(bundle: Path, tmp_path: Path) -> None:
    def fail(folder: Path) -> int:
        raise ToolError("Signing failed.")

    with pytest.raises(ToolError, match="Signing failed"):
        sign_copy(bundle, tmp_path / "signed", fail)
    assert not (tmp_path / "signed").exists()
