from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from build_support.errors import VerificationError
from build_support.packages.checksums import SUMS_FILE, read_sums
from build_support.packages.manifest import (
    BESIDE_SUFFIX,
    PackagedBundle,
    PackageManifest,
    read_package_manifest,
    with_files,
    write_package_manifest,
)
from build_support.packages.release import check_packages, of_one, together
from build_support.reporter import Reporter
from build_support.sbom.bill import SBOM_FILE
from tests.unit.build_support.packages.made_up import MANIFEST, manifest

BILL = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
QUIET = Reporter(quiet=True)


def published(folder: Path, stem: str = "notes", **changes: Any) -> PackageManifest:  # noqa: ANN401 - any
    archive, bill = folder / f"{stem}.zip", folder / f"{stem}.{SBOM_FILE}"
    archive.write_bytes(stem.encode())
    bill.write_text(json.dumps(BILL), encoding="utf-8")
    made = with_files(manifest(**changes), [archive, bill])
    write_package_manifest(made, folder / f"{stem}{BESIDE_SUFFIX}")
    return made


def test_a_manifest_comes_back(tmp_path: Path) -> None:
    made = published(tmp_path)
    assert read_package_manifest(tmp_path / f"notes{BESIDE_SUFFIX}") == made
    write_package_manifest(MANIFEST, tmp_path / "inside")
    assert "files" not in json.loads((tmp_path / "inside").read_text(encoding="utf-8"))
    assert read_package_manifest(tmp_path / "inside") == MANIFEST


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "7", '{"schema": 1}', '{"schema": 1, "bundle": 3}']
)
def test_a_damaged_manifest_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / f"x{BESIDE_SUFFIX}"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(VerificationError, match="no manifest of a package"):
        read_package_manifest(file)


def test_packages_of_one_release_get_one_list(tmp_path: Path) -> None:
    published(tmp_path, "linux")
    published(tmp_path, "windows", target="windows-x86_64")
    (tmp_path / ".lock").touch()
    check_packages(tmp_path, QUIET)
    assert set(read_sums(tmp_path / SUMS_FILE)) == {
        f"{stem}{suffix}"
        for stem in ("linux", "windows")
        for suffix in (".zip", f".{SBOM_FILE}", BESIDE_SUFFIX)
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rehearsal": True}, "it is a rehearsal"),
        ({"release": False}, "it was not made by --release"),
        ({"bundle": PackagedBundle(False, "a", {})}, "its interpreter may not be given to others"),
        ({"bundle": PackagedBundle(True, "a+", {})}, "files that are not committed"),
    ],
)
def test_one_that_may_not_be_published(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    made = published(tmp_path, **changes)
    assert len(of_one(made)) == 1
    with pytest.raises(VerificationError) as caught:
        check_packages(tmp_path, QUIET)
    assert why in caught.value.why
    assert not (tmp_path / SUMS_FILE).exists()


def test_a_bill_of_materials_is_needed() -> None:
    assert of_one(MANIFEST) == ["it has no bill of materials"]


@pytest.mark.parametrize(
    ("content", "why"), [(None, "notes.zip is missing."), (b"notez", "notes.zip has changed.")]
)
def test_files_that_are_not_those_of_the_manifest(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    published(tmp_path)
    (tmp_path / "notes.zip").unlink()
    if content is not None:
        (tmp_path / "notes.zip").write_bytes(content)
    with pytest.raises(VerificationError) as caught:
        check_packages(tmp_path, QUIET)
    assert caught.value.why == why


def test_a_file_of_no_package_is_not_published_by_accident(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "notes.deb").touch()
    with pytest.raises(VerificationError) as caught:
        check_packages(tmp_path, QUIET)
    assert caught.value.why == "notes.deb belongs to none of them."


def test_several_releases_are_not_one() -> None:
    other = PackagedBundle(True, "fff0000", {})
    found = together(
        [MANIFEST, manifest(version="1.1.0", bundle=other), manifest(identifier="org.other")]
    )
    assert found == [
        "They are of several applications: org.example.notes, org.other.",
        "They are of several versions: 1.0.0, 1.1.0.",
        "They are of several commits: abc1234, fff0000.",
        "There are several for linux-x86_64.",
    ]
    assert together([]) == ["There are none."]
    assert together([MANIFEST]) == []
