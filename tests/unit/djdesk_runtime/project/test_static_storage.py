from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.contrib.staticfiles.storage import (
    ManifestFilesMixin,
    ManifestStaticFilesStorage,
    StaticFilesStorage,
)
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.test import override_settings

from djdesk_runtime.project.static_storage import BundledFiles, static_storage

if TYPE_CHECKING:
    from django.contrib.staticfiles.storage import HashedFilesMixin
    from django.core.files import File

HERE = __name__
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
COMPRESSED = "whitenoise.storage.CompressedStaticFilesStorage"
WHITENOISE = "whitenoise.storage.CompressedManifestStaticFilesStorage"


class NamedManifest(ManifestStaticFilesStorage):
    """A project's own, with modules and a manifest of another name."""

    manifest_name = "other.json"
    support_js_module_import_aggregation = True

    def file_hash(self, name: str, content: File[bytes] | None = None) -> str | None:
        found = super().file_hash(name, content)
        return found and f"own{found[:4]}"


class Addressing(StaticFilesStorage):
    """A project's own, without hashes, that changes addresses."""

    def url(self, name: str | None) -> str:
        return super().url(name) + "?mine"


class Remote(InMemoryStorage):
    """Not on the disk."""


class RemoteManifest(ManifestFilesMixin, Remote):  # type: ignore[misc]
    """Not on the disk, with hashes."""


HASHED = (MANIFEST, WHITENOISE, f"{HERE}.NamedManifest")
OTHERS = ("", PLAIN, COMPRESSED, f"{HERE}.Addressing", f"{HERE}.Remote")

FILES: Mapping[str, str | bytes] = {
    "a/site.css": "p {}\n\nb { background: url('dot.png') }\n" + "i {}\n" * 200,
    "a/dot.png": b"\x89PNG",
    "a/main.js": "import { x } from './other.js'\n",
    "a/other.js": "export const x = 1\n",
}

Collect = Callable[..., tuple[BundledFiles, StaticFilesStorage]]


@pytest.fixture
def collect(tmp_path: Path) -> Iterator[Collect]:
    """Return a function that collects files with the storage of a project's."""
    source, root = tmp_path / "source", tmp_path / "static"

    def collect(
        own: str, files: Mapping[str, str | bytes] = FILES, options: Mapping[str, Any] | None = None
    ) -> tuple[BundledFiles, StaticFilesStorage]:
        for folder in (source, root):
            for name, content in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                data = content if isinstance(content, bytes) else content.encode()
                (folder / name).write_bytes(data)
        storage = static_storage(own, options)
        bundled = cast("BundledFiles", storage)
        sources = {name: (FileSystemStorage(source), name) for name in files}
        for _, _, result in bundled.post_process(sources):
            assert not isinstance(result, Exception)
        return bundled, static_storage(own, options)

    with override_settings(STATIC_ROOT=str(root), STATIC_URL="/static/", DEBUG=False):
        yield collect


@pytest.mark.parametrize("own", [*HASHED, *OTHERS, f"{HERE}.RemoteManifest"])
def test_files_are_hashed_compressed_and_listed_for_every_storage(
    collect: Collect, own: str, tmp_path: Path
) -> None:
    bundled, served = collect(own)
    listed = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert listed.keys() == FILES.keys()
    hashed = listed["a/site.css"]
    assert served.url("a/site.css").partition("?")[0] == f"/static/{hashed}"
    assert hashed != "a/site.css"
    assert (tmp_path / "static" / f"{hashed}.gz").is_file()
    assert Path(listed["a/dot.png"]).name in (tmp_path / "static" / hashed).read_text()
    assert not bundled.defects


def test_what_the_projects_own_class_does_differently_stays(collect: Collect) -> None:
    _, served = collect(f"{HERE}.NamedManifest")
    hashed = served.url("a/main.js")
    assert Path(hashed).name.startswith("main.own")
    assert Path(served.url("a/other.js")).name in Path(served.path(hashed[8:])).read_text()
    _, served = collect(f"{HERE}.Addressing")
    assert served.url("a/main.js").endswith(".js?mine")


@pytest.mark.parametrize("own", [PLAIN, MANIFEST])
def test_places_in_the_options_are_the_bundles(collect: Collect, own: str, tmp_path: Path) -> None:
    options = {"location": str(tmp_path / "elsewhere"), "base_url": "https://cdn.example.com/"}
    if own == MANIFEST:
        options["manifest_storage"] = FileSystemStorage(tmp_path / "elsewhere")  # type: ignore[assignment]
    _, served = collect(own, options=options)
    assert served.url("a/dot.png").startswith("/static/a/dot.")
    assert (tmp_path / "static" / "staticfiles.json").is_file()
    assert not (tmp_path / "elsewhere").exists()


def test_other_options_are_the_projects(collect: Collect, tmp_path: Path) -> None:
    collect(PLAIN, options={"file_permissions_mode": 0o600})
    listed = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert (tmp_path / "static" / listed["a/dot.png"]).stat().st_mode & 0o777 == 0o600


# What a file may name that is not there, and on which line.
DEFECTS: Mapping[str, tuple[str, int]] = {
    "x.css": ("\n\np { background: url('gone.png') }\n", 3),
    "import.css": ("@import 'gone.css';\n", 1),
    "map.css": ("p {}\n/*# sourceMappingURL=gone.css.map */", 2),
    "map.js": ("f()\n//# sourceMappingURL=gone.js.map\n", 2),
    "outside.css": ("p { background: url(../../../../../../etc/gone.png) }\n", 1),
    "absolute.css": ("p { background: url(/static/gone.png) }\n", 1),
    "malformed.css": ("p { background: url(//[gone/x.png]) url(x/[gone]) }\n", 1),
    "long.css": (f"p {{ background: url({'gone' * 200}) }}\n", 1),
}


@pytest.mark.parametrize("name", DEFECTS)
@pytest.mark.parametrize("own", [PLAIN, MANIFEST])
def test_reference_to_what_is_not_there_is_remembered_and_stays(
    collect: Collect, tmp_path: Path, own: str, name: str
) -> None:
    content, line = DEFECTS[name]
    bundled, served = collect(own, {f"a/{name}": content})
    (defect,) = bundled.defects
    assert (defect.name, defect.line) == (f"a/{name}", line)
    assert defect.file == str(tmp_path / "source" / "a" / name)
    assert "gone" in defect.what
    hashed = served.url(f"a/{name}").removeprefix("/static/")
    assert Path(served.path(hashed)).read_text() == content


def test_one_missing_reference_does_not_keep_others_from_being_hashed(collect: Collect) -> None:
    sheet = "p { background: url(gone.png) } b { background: url(dot.png) }"
    bundled, served = collect(PLAIN, {**FILES, "a/site.css": sheet})
    hashed = Path(served.path(served.url("a/site.css")[8:])).read_text()
    assert "url(gone.png)" in hashed
    assert Path(served.url("a/dot.png")).name in hashed
    assert len(bundled.defects) == 1


def test_style_sheet_that_is_not_utf8_is_hashed_as_it_is(collect: Collect) -> None:
    content = "/* Größe */ p { background: url(gone.png) }".encode("latin-1")
    bundled, served = collect(PLAIN, {"a/old.css": content})
    (defect,) = bundled.defects
    assert (defect.name, defect.line) == ("a/old.css", 0)
    assert Path(served.path(served.url("a/old.css")[8:])).read_bytes() == content


def test_style_sheets_that_import_each_other_end(collect: Collect) -> None:
    files = {"a/one.css": "@import 'two.css';", "a/two.css": "@import 'one.css';"}
    bundled, served = collect(PLAIN, files)
    assert {defect.name for defect in bundled.defects} == files.keys()
    for name in files:
        assert Path(served.path(served.url(name)[8:])).is_file()


@pytest.mark.parametrize("own", OTHERS)
def test_address_of_a_missing_file_is_given_where_the_projects_storage_gives_it(
    collect: Collect, own: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, served = collect(own)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert served.url("a/gone.png").partition("?")[0] == "/static/a/gone.png"
    assert len([record for record in caplog.records if "gone.png" in record.getMessage()]) == 1


@pytest.mark.parametrize("own", HASHED)
def test_address_of_a_missing_file_is_refused_where_the_projects_storage_refuses_it(
    collect: Collect, own: str
) -> None:
    bundled, served = collect(own)
    assert bundled.own_is_hashed
    with pytest.raises(ValueError, match=r"gone\.png"):
        served.url("a/gone.png")


@pytest.mark.parametrize(("own", "kept"), [(PLAIN, True), (WHITENOISE, False)])
def test_plain_names_are_deleted_only_where_the_projects_storage_has_others(
    collect: Collect, tmp_path: Path, own: str, kept: bool
) -> None:
    with override_settings(WHITENOISE_KEEP_ONLY_HASHED_FILES=True):
        collect(own)
    assert (tmp_path / "static" / "a" / "site.css").exists() is kept


@pytest.mark.parametrize("strict", [True, False])
def test_strictness_of_whitenoise_is_the_projects(collect: Collect, strict: bool) -> None:
    with override_settings(WHITENOISE_MANIFEST_STRICT=strict):
        _, served = collect(WHITENOISE)
    assert cast("ManifestStaticFilesStorage", served).manifest_strict is strict


def test_extensions_that_are_not_compressed_are_the_projects(
    collect: Collect, tmp_path: Path
) -> None:
    with override_settings(WHITENOISE_SKIP_COMPRESS_EXTENSIONS=["css"]):
        collect(WHITENOISE)
    assert not list((tmp_path / "static").rglob("*.css.gz"))


def test_hashed_names_are_those_of_an_unchanged_storage(collect: Collect) -> None:
    _, served = collect(MANIFEST)
    plain = cast("HashedFilesMixin", ManifestStaticFilesStorage())
    assert cast("HashedFilesMixin", served).hashed_files == plain.hashed_files
