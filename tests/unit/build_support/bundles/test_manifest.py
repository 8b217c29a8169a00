from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build_support.bundles.manifest import (
    DESCRIBING_FILES,
    App,
    Files,
    Manifest,
    Python,
    Requirements,
    read_manifest,
    write_manifest,
)
from build_support.errors import VerificationError
from build_support.projects.desktop import DEFAULT, Desktop

MANIFEST = Manifest(
    app=App("Nötes 日本", "org.example.notes", "1.2", "1a2b3c4"),
    target="linux-x86_64",
    python=Python("3.14.10", "python-build-standalone", "cpython.tar.gz", "ab" * 32, True),
    settings_module="notes.settings",
    source_roots=("app/src", "app"),
    requirements=Requirements("requirements.lock", "cd" * 32, 7),
    inputs="ef" * 32,
    files=Files(1234, 56_000_000, "01" * 32),
    built_with={"djdesk": "0.1.0"},
    desktop=Desktop(
        ("media", "notifications"), "FULL", "https://key@sentry.example/42", 2_000_000_000
    ),
)


def _document(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    return document


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_manifest(MANIFEST, tmp_path)
    assert read_manifest(tmp_path) == MANIFEST
    assert {path.name for path in tmp_path.iterdir()} < DESCRIBING_FILES


def test_it_has_the_fields_of_the_design(tmp_path: Path) -> None:
    write_manifest(MANIFEST, tmp_path)
    document = _document(tmp_path)
    assert document["schema"] == 1
    assert {"app", "target", "python", "settings_module", "inputs", "built_with"} < set(document)
    assert set(document["app"]) == {"name", "identifier", "version", "revision"}
    assert set(document["python"]) == {
        *("version", "provider", "archive", "sha256", "redistributable"),
    }
    assert set(document["requirements"]) == {"source", "sha256", "count"}
    assert set(document["files"]) == {"count", "bytes", "digest"}
    assert document["desktop"] == {
        "permissions": ["media", "notifications"],
        "synchronous": "FULL",
        "sentry_dsn": "https://key@sentry.example/42",
        "max_upload": 2_000_000_000,
        "support": None,
    }


def test_a_manifest_from_before_there_was_a_desktop_gets_the_defaults(tmp_path: Path) -> None:
    write_manifest(MANIFEST, tmp_path)
    document = _document(tmp_path)
    del document["desktop"]
    (tmp_path / "bundle.json").write_text(json.dumps(document))
    assert read_manifest(tmp_path) == replace(MANIFEST, desktop=DEFAULT)


def test_the_same_manifest_is_the_same_bytes_everywhere(tmp_path: Path) -> None:
    write_manifest(MANIFEST, tmp_path)
    content = (tmp_path / "bundle.json").read_bytes()
    write_manifest(read_manifest(tmp_path), tmp_path)
    assert (tmp_path / "bundle.json").read_bytes() == content
    assert b"\r" not in content
    assert content.endswith(b"}\n")
    assert "Nötes 日本".encode() in content


@pytest.mark.parametrize(
    ("revision", "line"),
    [
        ("1a2b3c4", "Nötes 日本 1.2 (g1a2b3c4) linux-x86_64 CPython 3.14.10\n"),
        ("1a2b3c4+", "Nötes 日本 1.2 (g1a2b3c4+) linux-x86_64 CPython 3.14.10\n"),
        ("unknown", "Nötes 日本 1.2 linux-x86_64 CPython 3.14.10\n"),
    ],
)
def test_the_version_is_one_line_for_people(tmp_path: Path, revision: str, line: str) -> None:
    manifest = replace(MANIFEST, app=replace(MANIFEST.app, revision=revision))
    write_manifest(manifest, tmp_path)
    assert (tmp_path / "VERSION").read_bytes() == line.encode() == manifest.version_line.encode()


@pytest.mark.parametrize("folder", ["", "none"])
def test_no_bundle_says_how_to_make_one(tmp_path: Path, folder: str) -> None:
    with pytest.raises(VerificationError) as caught:
        read_manifest(tmp_path / folder)
    assert str(tmp_path / folder) in caught.value.what
    assert "nox -s bundle" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b'"x"', b"null", b"{}", b'{"schema": 1}', b"\xff\xfe", b"{}{}"],
)
def test_damage_is_called_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bundle.json").write_bytes(content)
    with pytest.raises(VerificationError, match="damaged") as caught:
        read_manifest(tmp_path)
    assert str(tmp_path / "bundle.json") in caught.value.what
    assert caught.value.why


@pytest.mark.parametrize("key", ["app", "target", "python", "files", "source_roots", "built_with"])
def test_a_missing_or_wrong_part_is_damage(tmp_path: Path, key: str) -> None:
    write_manifest(MANIFEST, tmp_path)
    document = _document(tmp_path)
    del document[key]
    (tmp_path / "bundle.json").write_text(json.dumps(document))
    with pytest.raises(VerificationError, match="damaged"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("part", ["app", "python", "requirements", "files"])
@pytest.mark.parametrize("value", [3, "text", [], {}, {"other": 1}])
def test_a_part_of_another_shape_is_damage(tmp_path: Path, part: str, value: object) -> None:
    write_manifest(MANIFEST, tmp_path)
    (tmp_path / "bundle.json").write_text(json.dumps({**_document(tmp_path), part: value}))
    with pytest.raises(VerificationError, match="damaged"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "value", [3, "text", [], {"other": 1}, {"permissions": "media"}, {"synchronous": "OFF"}]
)
def test_a_desktop_of_another_shape_is_damage(tmp_path: Path, value: object) -> None:
    write_manifest(MANIFEST, tmp_path)
    (tmp_path / "bundle.json").write_text(json.dumps({**_document(tmp_path), "desktop": value}))
    with pytest.raises(VerificationError, match="damaged"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("schema", [0, 2, "1", None])
def test_another_schema_is_named(tmp_path: Path, schema: object) -> None:
    write_manifest(MANIFEST, tmp_path)
    (tmp_path / "bundle.json").write_text(json.dumps({**_document(tmp_path), "schema": schema}))
    with pytest.raises(VerificationError) as caught:
        read_manifest(tmp_path)
    assert f"schema {schema}, not 1" in caught.value.what


def test_a_target_that_there_is_not_is_damage(tmp_path: Path) -> None:
    write_manifest(replace(MANIFEST, target="amiga"), tmp_path)
    with pytest.raises(VerificationError, match="damaged") as caught:
        read_manifest(tmp_path)
    assert "no target amiga" in caught.value.why
