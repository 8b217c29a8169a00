from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from build_support.packages.manifest import BESIDE_SUFFIX, with_files, write_package_manifest
from build_support.packages.products import claim_folder, deliver
from build_support.reporter import Reporter
from tests.unit.build_support.packages.made_up import MANIFEST

QUIET = Reporter(quiet=True)


def make(output: Path, *names: str) -> list[Path]:
    """Make packages of these names, and the manifest that lists them."""
    with claim_folder(output, QUIET) as work:
        files = [work / name for name in names]
        for file in files:
            file.write_bytes(b"made")
        beside = work / f"notes{BESIDE_SUFFIX}"
        write_package_manifest(with_files(MANIFEST, files), beside)
        folder = work / "notes"
        (folder / "inside").mkdir(parents=True)
        return deliver([folder, *files, beside], output)


def names(output: Path) -> set[str]:
    return {path.name for path in output.iterdir() if not path.name.startswith(".")}


def test_packages_are_moved_to_where_they_belong(tmp_path: Path) -> None:
    delivered = make(tmp_path, "notes.zip", "notes.deb")
    everything = {"notes", "notes.zip", "notes.deb", f"notes{BESIDE_SUFFIX}"}
    assert names(tmp_path) == {path.name for path in delivered} == everything
    assert not (tmp_path / ".work").exists()


def test_what_an_earlier_run_made_and_this_one_did_not_is_deleted(tmp_path: Path) -> None:
    make(tmp_path, "notes.zip", "notes.deb")
    (tmp_path / "other.zip").touch()
    make(tmp_path, "notes.zip")
    assert names(tmp_path) == {"notes", "notes.zip", f"notes{BESIDE_SUFFIX}", "other.zip"}


def test_a_manifest_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside.zip"
    outside.write_bytes(b"precious")
    output = tmp_path / "dist"
    make(output, "notes.zip")
    manifest = output / f"notes{BESIDE_SUFFIX}"
    manifest.write_text(manifest.read_text("utf-8").replace("notes.zip", "../outside.zip"), "utf-8")
    make(output, "notes.zip")
    assert outside.read_bytes() == b"precious"


def test_a_damaged_manifest_is_replaced(tmp_path: Path) -> None:
    make(tmp_path, "notes.zip")
    (tmp_path / f"notes{BESIDE_SUFFIX}").write_text("{", encoding="utf-8")
    make(tmp_path, "notes.zip")
    assert "notes.zip" in names(tmp_path)


def test_what_was_there_stays_when_nothing_new_comes(tmp_path: Path) -> None:
    make(tmp_path, "notes.zip")
    with suppress(KeyboardInterrupt), claim_folder(tmp_path, QUIET) as work:
        (work / "notes.zip").write_bytes(b"half")
        raise KeyboardInterrupt
    assert (tmp_path / "notes.zip").read_bytes() == b"made"
    assert not (tmp_path / ".work").exists()
