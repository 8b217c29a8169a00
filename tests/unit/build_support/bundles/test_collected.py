from __future__ import annotations

from pathlib import Path

from build_support.bundles.collected import drop_collected
from build_support.trees.listing import list_tree
from build_support.trees.records import Row, differing_files, read_records, write_record

_ADMIN = "django/contrib/admin/static/admin/css/base.css"
_FILES = (_ADMIN, "django/contrib/admin/options.py", "other/static/other/logo.svg")


def _bundle(folder: Path, files: tuple[str, ...]) -> Path:
    packages = folder / "packages"
    for file in files:
        (packages / file).parent.mkdir(parents=True, exist_ok=True)
        (packages / file).write_text(file)
    for info in ("django-6.1.dist-info", "other-1.0.dist-info"):
        (packages / info).mkdir(parents=True)
        owned = [file for file in files if file.startswith(info.partition("-")[0])]
        write_record(packages, info, [Row(file, "", "") for file in owned])
    return folder


def test_collected_files_of_django_are_in_neither_folder_listing_nor_record(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path, _FILES)
    entries = drop_collected(bundle, list_tree(bundle))
    assert not (bundle / "packages" / _ADMIN).exists()
    assert sorted(entries, key=lambda entry: entry.path) == sorted(
        list_tree(bundle), key=lambda entry: entry.path
    )
    records = read_records(bundle / "packages")
    assert [row.path for row in records["django-6.1.dist-info"]] == [_FILES[1]]
    assert not list(differing_files(bundle / "packages", records))


def test_static_files_of_other_packages_stay(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path, _FILES[1:])
    entries = list_tree(bundle)
    assert drop_collected(bundle, entries) == entries
    assert (bundle / "packages" / _FILES[2]).is_file()


def test_a_file_shared_with_the_previous_bundle_is_not_written_to(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path / "new", _FILES)
    record = bundle / "packages" / "django-6.1.dist-info" / "RECORD"
    previous = tmp_path / "previous"
    previous.hardlink_to(record)
    before = previous.read_bytes()
    drop_collected(bundle, list_tree(bundle))
    assert previous.read_bytes() == before != record.read_bytes()
