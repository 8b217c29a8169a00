from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from build_support.bundles.manifest import App, Python
from build_support.errors import VerificationError
from build_support.licences.distributions import read_distributions
from build_support.licences.parts import Part
from build_support.licences.shell import Electron
from build_support.sbom.bill import Contents, check_bill, make_bill
from build_support.sbom.wheels import Vendored
from build_support.target import TARGETS
from tests.unit.build_support.licences.made_up import install, locked
from tests.unit.build_support.signing.made_up import write

ARCHIVE = "cpython-3.14.10+20261110-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"
PUBLISHED = Python("3.14.10", "python-build-standalone", ARCHIVE, "a" * 64, True)
OPTION_B = Python("3.14.10", "debian", "python3.14 of sid", "b" * 64, False)


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    packages = tmp_path / "packages"
    install(
        packages, "Django", "6.1.3", "License-Expression: BSD-3-Clause", "Requires-Dist: sqlparse"
    )
    install(packages, "sqlparse", "0.6", "Classifier: License :: OSI Approved :: BSD License")
    install(packages, "dual", "1", "License-Expression: MIT OR Apache-2.0", "Home-page: odd url")
    install(packages, "silent", "1")
    electron = tmp_path / "electron"
    write(electron, {"LICENSE": b"MIT", "LICENSES.chromium.html": b"many"})
    return Contents(
        app=App("My App", "org.example.app", "1.2", "abc1234"),
        target="linux-x86_64",
        python=PUBLISHED,
        interpreter=(
            Part("CPython", "3.14.10", "PSF-2.0", "https://www.python.org/", ()),
            Part("openssl", "", "Apache-2.0", "", ()),
        ),
        distributions=read_distributions(packages, TARGETS["linux-x86_64"]),
        lock=[
            locked("django", "6.1.3", "1", "2"),
            *(locked("sqlparse", "0.6", "3"), locked("dual", "1", "4"), locked("silent", "1", "5")),
        ],
        runtime_version="0.1.0",
        electron=Electron("45.4.1", "e" * 64, electron),
        python_url=f"https://github.com/releases/{ARCHIVE}",
        vendored={"dual": (Vendored("libjpeg", "3.2", "pkg:generic/libjpeg@3.2"),)},
    )


def _parse(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    return document


def _components(text: str) -> dict[str, dict[str, Any]]:
    return {component["name"]: component for component in _parse(text)["components"]}


def test_lists_everything_that_is_shipped(contents: Contents) -> None:
    found = _components(make_bill(contents))
    assert set(found) == {
        *("CPython", "Electron", "djdesk_runtime"),
        *("Django", "sqlparse", "dual", "silent"),
    }
    electron = found["Electron"]
    assert (electron["version"], electron["purl"]) == ("45.4.1", "pkg:npm/electron@45.4.1")
    assert electron["hashes"] == [{"alg": "SHA-256", "content": "e" * 64}]
    assert electron["licenses"][0]["license"]["id"] == "MIT"


def test_every_distribution_has_version_licence_and_hashes(contents: Contents) -> None:
    found = _components(make_bill(contents))
    django = found["Django"]
    assert (django["version"], django["purl"]) == ("6.1.3", "pkg:pypi/django@6.1.3")
    assert [each["content"] for each in django["hashes"]] == ["1" * 64, "2" * 64]
    assert django["licenses"][0]["license"]["id"] == "BSD-3-Clause"
    assert found["sqlparse"]["licenses"][0]["license"]["name"] == "BSD License"
    assert found["dual"]["licenses"][0]["expression"] == "MIT OR Apache-2.0"
    assert "licenses" not in found["silent"]
    (inside,) = found["dual"]["components"]
    assert (inside["name"], inside["version"]) == ("libjpeg", "3.2")


def test_the_interpreter_has_its_archive_and_its_libraries(contents: Contents) -> None:
    python = _components(make_bill(contents))["CPython"]
    assert python["version"] == "3.14.10"
    assert python["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert python["purl"].startswith("pkg:generic/cpython@3.14.10?checksum=sha256:aaaa")
    assert "download_url=https" in python["purl"]
    assert python["cpe"] == "cpe:2.3:a:python:python:3.14.10:*:*:*:*:*:*:*"
    assert {"name": "djdesk:archive", "value": ARCHIVE} in python["properties"]
    assert [each["name"] for each in python["components"]] == ["openssl"]


def test_a_digest_of_versions_is_not_passed_off_as_a_hash(contents: Contents) -> None:
    option_b = dataclasses.replace(contents, python=OPTION_B, python_url="")
    python = _components(make_bill(option_b))["CPython"]
    assert "hashes" not in python
    assert python["purl"] == "pkg:generic/cpython@3.14.10"
    assert {"name": "djdesk:provider", "value": "debian"} in python["properties"]


def test_tells_what_needs_what(contents: Contents) -> None:
    document = _parse(make_bill(contents))
    needs = {each["ref"]: set(each.get("dependsOn", [])) for each in document["dependencies"]}
    assert needs["org.example.app"] == {each["bom-ref"] for each in document["components"]}
    assert needs["pkg:pypi/django@6.1.3"] == {"pkg:pypi/sqlparse@0.6"}
    assert not needs["pkg:pypi/sqlparse@0.6"]


def test_the_application_is_what_it_is_about(contents: Contents) -> None:
    document = _parse(make_bill(contents))
    assert list(document)[:4] == ["$schema", "bomFormat", "specVersion", "serialNumber"]
    assert document["specVersion"] == "1.6"
    component = document["metadata"]["component"]
    assert (component["name"], component["version"]) == ("My App", "1.2")
    assert {"name": "djdesk:revision", "value": "abc1234"} in component["properties"]
    assert {"name": "djdesk:target", "value": "linux-x86_64"} in document["metadata"]["properties"]


def test_the_same_contents_give_the_same_bytes(contents: Contents) -> None:
    turned = dataclasses.replace(
        contents, lock=contents.lock[::-1], distributions=contents.distributions[::-1]
    )
    text = make_bill(contents)
    assert make_bill(turned) == text
    assert "timestamp" not in text
    other = dataclasses.replace(contents, app=dataclasses.replace(contents.app, version="1.3"))
    assert _parse(make_bill(other))["serialNumber"] != _parse(text)["serialNumber"]


def test_a_time_comes_from_the_caller_alone(contents: Contents) -> None:
    made = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    document = _parse(make_bill(dataclasses.replace(contents, made=made)))
    assert document["metadata"]["timestamp"] == "2026-11-22T12:00:00+00:00"


def test_a_bundle_without_a_shell_has_a_bill_too(contents: Contents) -> None:
    assert "Electron" not in _components(make_bill(dataclasses.replace(contents, electron=None)))


def test_what_the_lock_does_not_name_is_not_covered_up(contents: Contents) -> None:
    with pytest.raises(VerificationError, match="what its lock names"):
        make_bill(dataclasses.replace(contents, lock=contents.lock[1:]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"bomFormat": "CycloneDX"', '"bomFormat": "Another"'),
        ('"alg": "SHA-256"', '"alg": "SHA256"'),
        ('"version": 1,', '"version": 1, "unknown": true,'),
    ],
)
def test_the_validator_is_strict(contents: Contents, before: str, after: str) -> None:
    text = make_bill(contents)
    assert before in text
    with pytest.raises(VerificationError, match="schema"):
        check_bill(text.replace(before, after, 1))
