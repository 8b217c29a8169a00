"""What electron/ says of itself: its pins, its lock, and how it is packaged."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from build_support import ROOT, __version__

SHELL = ROOT / "electron"


def _read(name: str) -> Any:  # noqa: ANN401 - it is any JSON
    return json.loads((SHELL / name).read_text(encoding="utf-8"))


def test_the_shell_needs_nothing_at_run_time() -> None:
    package = _read("package.json")
    assert "dependencies" not in package
    assert package["private"] is True
    assert package["version"] == __version__


def test_pins_are_exact_and_those_of_the_lock() -> None:
    pins = _read("package.json")["devDependencies"]
    lock = _read("package-lock.json")["packages"]
    assert lock[""]["devDependencies"] == pins
    for name, version in pins.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert lock[f"node_modules/{name}"]["version"] == version


def test_the_lock_has_hashes_and_no_addresses() -> None:
    text = (SHELL / "package-lock.json").read_text(encoding="utf-8")
    assert "registry" not in text
    assert '"resolved"' not in text
    for name, entry in _read("package-lock.json")["packages"].items():
        assert not name or entry["integrity"].startswith("sha512-")


def test_no_package_may_run_a_script_of_its_own() -> None:
    settings = (SHELL / ".npmrc").read_text(encoding="utf-8").splitlines()
    assert "ignore-scripts=true" in settings
    assert "omit-lockfile-registry-resolved=true" in settings
    assert not [line for line in settings if line.startswith("registry")]


@pytest.mark.parametrize(
    ("fuse", "state"),
    [
        ("runAsNode", False),
        ("enableCookieEncryption", False),
        ("enableNodeOptionsEnvironmentVariable", False),
        ("enableNodeCliInspectArguments", False),
        ("enableEmbeddedAsarIntegrityValidation", True),
        ("onlyLoadAppFromAsar", True),
        ("loadBrowserProcessSpecificV8Snapshot", False),
        ("grantFileProtocolExtraPrivileges", False),
    ],
)
def test_the_fuses(fuse: str, state: bool) -> None:
    assert _read("electron-builder.json")["electronFuses"][fuse] is state


def test_nothing_of_a_project_is_committed() -> None:
    configuration = _read("electron-builder.json")
    own = {"appId", "productName", "artifactName", "extraResources", "extraMetadata"}
    assert not own & configuration.keys()
    assert configuration["asar"] is True
    assert configuration["publish"] is None
    assert not [name for name in configuration["files"] if "django-bundle" in name]


@pytest.mark.parametrize("name", ["package.json", "main.js", "lib/log.js", "pages/splash.html"])
def test_what_the_shell_is_made_of_is_packaged(name: str) -> None:
    patterns = _read("electron-builder.json")["files"]
    assert (SHELL / name).exists()
    assert any(_matches(pattern, name) for pattern in patterns)


def _matches(pattern: str, name: str) -> bool:
    text = re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(text, name) is not None
