import copy
import json
from pathlib import Path
from typing import Any

import pytest

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.errors import BundleDamagedError
from tests.unit.djdesk_runtime.made_bundle import MANIFEST


def write(folder: Path, content: object) -> Path:
    (folder / "bundle.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_complete_manifest(tmp_path: Path) -> None:
    bundle = read_bundle(write(tmp_path, MANIFEST | {"files": {"count": 1}}))
    assert (bundle.name, bundle.identifier) == ("Tiny Site", "org.example.tiny-site")
    assert (bundle.version, bundle.revision) == ("1.2.3", "g1234567")
    assert (bundle.target, bundle.python_version) == ("linux-x86_64", "3.14.10")
    assert (bundle.python_provider, bundle.settings_module) == ("test", "tiny.settings")
    assert bundle.source_folders == (tmp_path / "app/src",)
    assert bundle.packages == tmp_path / "packages"
    assert bundle.static == tmp_path / "static"


def test_manifest_of_an_unfinished_bundle(tmp_path: Path) -> None:
    unfinished = {key: MANIFEST[key] for key in MANIFEST if key not in {"target", "python"}}
    bundle = read_bundle(write(tmp_path, unfinished))
    assert (bundle.target, bundle.python_version, bundle.python_provider) == ("", "", "")


@pytest.mark.parametrize("content", [MANIFEST, MANIFEST | {"desktop": None}])
def test_manifest_without_a_desktop(tmp_path: Path, content: dict[str, object]) -> None:
    bundle = read_bundle(write(tmp_path, content))
    assert (bundle.permissions, bundle.synchronous, bundle.sentry_dsn) == ((), "NORMAL", "")
    assert bundle.max_upload is None


@pytest.mark.parametrize("dsn", [None, "https://key@sentry.example/42"])
def test_manifest_with_a_desktop(tmp_path: Path, dsn: str | None) -> None:
    desktop = {"permissions": ["media", "midi"], "synchronous": "FULL", "sentry_dsn": dsn}
    bundle = read_bundle(write(tmp_path, MANIFEST | {"desktop": desktop}))
    assert (bundle.permissions, bundle.synchronous) == (("media", "midi"), "FULL")
    assert bundle.sentry_dsn == (dsn or "")


@pytest.mark.parametrize(
    ("keys", "value", "words"),
    [
        (["schema"], 2, "schema is 2, this runtime reads 1"),
        (["schema"], None, "schema is None"),
        (["app"], "x", "app is not an object"),
        (["python"], [], "python is not an object"),
        (["app", "name"], "", "name is not a text"),
        (["app", "version"], 1, "version is not a text"),
        (["app", "revision"], 1, "revision is not a text"),
        (["app", "identifier"], "../other", "identifier '../other' is not"),
        (["app", "identifier"], "..", "identifier '..' is not"),
        (["settings_module"], None, "settings_module is not a text"),
        (["source_roots"], None, "source_roots is not a list"),
        (["source_roots"], [], "source_roots is not a list"),
        (["source_roots"], [""], "not a relative folder"),
        (["source_roots"], [7], "not a relative folder"),
        (["source_roots"], ["app", "../src"], "leads out of the bundle"),
        (["source_roots"], ["/usr/lib"], "leads out of the bundle"),
        (["source_roots"], ["C:/src"], "not a relative folder"),
        (["source_roots"], ["..\\src"], "not a relative folder"),
        (["desktop"], [], "desktop is not an object"),
        (["desktop"], {"permissions": "media"}, "permissions is not a list"),
        (["desktop"], {"permissions": None}, "permissions is not a list"),
        (["desktop"], {"permissions": [""]}, "permissions is not a list"),
        (["desktop"], {"permissions": [7]}, "permissions is not a list"),
        (["desktop"], {"synchronous": "OFF"}, "'OFF', not one of NORMAL, FULL"),
        (["desktop"], {"synchronous": ["FULL"]}, "not one of NORMAL, FULL"),
        (["desktop"], {"synchronous": None}, "not one of NORMAL, FULL"),
        (["desktop"], {"sentry_dsn": 1}, "sentry_dsn is not a text"),
        (["desktop"], {"max_upload": "2 GB"}, "'2 GB', not a number of bytes"),
        (["desktop"], {"max_upload": 0}, "0, not a number of bytes"),
        (["desktop"], {"max_upload": True}, "True, not a number of bytes"),
    ],
)
def test_damaged_manifest(tmp_path: Path, keys: list[str], value: object, words: str) -> None:
    content: dict[str, Any] = copy.deepcopy(MANIFEST)
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    with pytest.raises(BundleDamagedError) as caught:
        read_bundle(write(tmp_path, content))
    assert words in caught.value.why
    assert str(tmp_path / "bundle.json") in str(caught.value)


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(BundleDamagedError, match="Install the application again"):
        read_bundle(tmp_path)
