from __future__ import annotations

from pathlib import Path

from build_support.bundles.collected import place_packages
from build_support.bundles.parts import finish_part
from build_support.trees.listing import list_tree
from build_support.trees.records import Row, differing_files, read_records, write_record

_ADMIN = "django/contrib/admin/static/admin/css/base.css"
_FILES = (_ADMIN, "django/contrib/admin/options.py", "other/static/other/logo.svg")


def _tree(folder: Path, files: tuple[str, ...] = _FILES) -> Path:
    packages = folder / "packages"
    for file in files:
        (packages / file).parent.mkdir(parents=True, exist_ok=True)
        (packages / file).write_text(file)
    for info in ("django-6.1.dist-info", "other-1.0.dist-info"):
        (packages / info).mkdir(parents=True)
        owned = [file for file in files if file.startswith(info.partition("-")[0])]
        write_record(packages, info, [Row(file, "", "") for file in owned])
    finish_part(folder)
    return folder


def _place(tree: Path, bundle: Path, previous: Path | None = None) -> Path:
    entries = place_packages(tree, bundle, previous)
    assert set(entries) == set(list_tree(bundle))
    records = read_records(bundle / "packages")
    assert not list(differing_files(bundle / "packages", records))
    return bundle / "packages"


def test_collected_files_of_django_are_in_neither_folder_listing_nor_record(tmp_path: Path) -> None:
    packages = _place(_tree(tmp_path / "tree"), tmp_path / "bundle")
    assert not (packages / "django/contrib/admin/static").exists()
    assert (packages / _FILES[1]).is_file()
    assert [row.path for row in read_records(packages)["django-6.1.dist-info"]] == [_FILES[1]]


def test_static_files_of_other_packages_stay(tmp_path: Path) -> None:
    packages = _place(_tree(tmp_path / "tree", _FILES[1:]), tmp_path / "bundle")
    assert (packages / _FILES[2]).is_file()


def test_the_cache_and_the_previous_bundle_keep_what_they_have(tmp_path: Path) -> None:
    tree = _tree(tmp_path / "tree")
    before = list_tree(tree)
    previous = tmp_path / "previous"
    _place(tree, previous)
    placed = list_tree(previous)
    _place(tree, tmp_path / "bundle", previous)
    assert list_tree(tree) == before
    assert list_tree(previous) == placed
