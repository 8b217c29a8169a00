from __future__ import annotations

import os
import stat
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from build_support.bundles.manifest import DESCRIBING_FILES, LISTING_FILE
from build_support.desktop.unzip import unzip
from build_support.errors import VerificationError
from build_support.packages.archives import WRITERS
from build_support.packages.inside import (
    check_archive,
    check_folder,
    digests_of_describing_files,
)
from build_support.trees import listing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="bundles there have no links")

PLACE = PurePosixPath("notes-1.0/resources/django-bundle")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder that is listed as bundles are."""
    folder = tmp_path / "bundle"
    (folder / "bin").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "bin" / "python3.14").write_bytes(b"\x7fELF" * 1000)
    (folder / "bin" / "python3.14").chmod(0o755)
    (folder / "bin" / "python3").symlink_to("python3.14")
    (folder / "größe.py").write_text("print()\n", encoding="utf-8")
    text = listing.write_listing(listing.list_tree(folder))
    (folder / LISTING_FILE).write_text(text, encoding="utf-8")
    for name in DESCRIBING_FILES - {LISTING_FILE}:
        (folder / name).write_text(name, encoding="utf-8")
    return folder


@pytest.fixture
def packed(tmp_path: Path, bundle: Path) -> Path:
    """An application's folder with the bundle inside it."""
    folder = tmp_path / "packed" / PLACE.parts[0]
    inside = folder.joinpath(*PLACE.parts[1:])
    inside.parent.mkdir(parents=True)
    os.system(f"cp -a '{bundle}' '{inside}'")
    (folder / "program").write_bytes(b"x")
    (folder / "program").chmod(0o4755)
    return folder


def archived(packed: Path, kind: str, folder: Path) -> Path:
    folder.mkdir()
    archive = folder / f"notes.{kind}"
    WRITERS[kind](packed, archive)
    return archive


@pytest.mark.parametrize("kind", WRITERS)
def test_an_archive_holds_the_bundle(tmp_path: Path, bundle: Path, packed: Path, kind: str) -> None:
    archive = archived(packed, kind, tmp_path / "out")
    check_archive(bundle, archive, PLACE)


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_folder_gives_the_same_bytes_whatever_the_time(
    tmp_path: Path, packed: Path, kind: str
) -> None:
    first = archived(packed, kind, tmp_path / "first")
    for path in [packed, *packed.rglob("*")]:
        os.utime(path, (1, 2_000_000_000), follow_symlinks=False)
    second = archived(packed, kind, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("kind", WRITERS)
def test_unpacking_gives_it_back(tmp_path: Path, packed: Path, kind: str) -> None:
    archive = archived(packed, kind, tmp_path / "out")
    into = tmp_path / "into"
    into.mkdir()
    if kind == "zip":
        unzip(archive, into)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(into, filter="data")
    assert listing.list_tree(into / packed.name) == listing.list_tree(packed)
    assert (into / PLACE / "empty").is_dir()
    assert stat.S_IMODE((into / packed.name / "program").stat().st_mode) == 0o755


def test_names_in_a_zip_are_marked_as_utf8(tmp_path: Path, packed: Path) -> None:
    with zipfile.ZipFile(archived(packed, "zip", tmp_path / "out")) as archive:
        (name,) = [each for each in archive.infolist() if each.filename.endswith("größe.py")]
    assert name.flag_bits & 0x800


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("printf x >> größe.py", "größe.py has changed"),
        ("rm größe.py", "größe.py is missing"),
        ("touch more.py", "more.py does not belong there"),
        ("chmod 644 bin/python3.14", "bin/python3.14 has changed"),
        ("ln -sfn ../x bin/python3", "bin/python3 has changed"),
        ("rm bin/python3; cp bin/python3.14 bin/python3", "bin/python3 has changed"),
        ("printf x >> bundle.json", "bundle.json has changed"),
    ],
)
def test_what_differs_in_an_archive_is_named(
    bundle: Path, packed: Path, kind: str, script: str, said: str
) -> None:
    inside = packed.joinpath(*PLACE.parts[1:])
    assert os.system(f"cd '{inside}' && {script}") == 0
    archive = archived(packed, kind, bundle.with_name("out"))
    with pytest.raises(VerificationError) as caught:
        check_archive(bundle, archive, PLACE)
    assert caught.value.why == said


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("printf x >> größe.py", "größe.py has 9 bytes, not 8"),
        ("rm VERSION", "VERSION has changed"),
        ("chmod 644 bin/python3.14", "bin/python3.14 has mode 644, not 755"),
    ],
)
def test_what_differs_in_a_folder_is_named(
    bundle: Path, packed: Path, script: str, said: str
) -> None:
    inside = packed.joinpath(*PLACE.parts[1:])
    check_folder(bundle, inside, modes=True)
    assert os.system(f"cd '{inside}' && {script}") == 0
    with pytest.raises(VerificationError) as caught:
        check_folder(bundle, inside, modes=True)
    assert caught.value.why == said


def test_modes_do_not_count_where_there_are_none(bundle: Path, packed: Path) -> None:
    inside = packed.joinpath(*PLACE.parts[1:])
    (inside / "bin" / "python3.14").chmod(0o644)
    check_folder(bundle, inside, modes=False)


def test_the_describing_files_have_digests(bundle: Path) -> None:
    assert set(digests_of_describing_files(bundle)) == DESCRIBING_FILES
