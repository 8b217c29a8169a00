from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from build_support.errors import ProjectError
from build_support.published.pins import PINS_FILE, load_pins
from build_support.target import PYTHON_SERIES, TARGETS

Change = Callable[[dict[str, Any]], object]


def written(tmp_path: Path, change: Change) -> Path:
    document = json.loads(PINS_FILE.read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "pins.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def linux(document: dict[str, Any]) -> dict[str, Any]:
    asset: dict[str, Any] = document["assets"]["linux-x86_64"]
    return asset


def test_our_own_pins_have_every_target() -> None:
    pins = load_pins()
    assert set(pins.assets) == set(TARGETS)
    assert pins.python_version.startswith(f"{PYTHON_SERIES}.")
    assert len({pin.sha256 for pin in pins.assets.values()}) == len(TARGETS)
    for target in TARGETS.values():
        pin = pins.pin_for(target)
        assert pin.target == target.name
        assert pin.file == (
            f"cpython-{pin.python_version}+{pin.release}-{pin.triple}-{pins.flavor}.tar.gz"
        )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.pop("python_version"), "python_version"),
        (lambda d: d.update(python_version="3.13.2"), "python_version"),
        (lambda d: d.update(python_version="3.14"), "python_version"),
        (lambda d: d.update(release="../20261110"), "release"),
        (lambda d: d.update(release=20261110), "release"),
        (lambda d: d.update(flavor=None), "flavor"),
        (lambda d: d.update(index="http://example.org/index"), "index"),
        (lambda d: d.update(sources=[]), "sources"),
        (lambda d: d.update(sources="https://example.org"), "sources"),
        (lambda d: d.update(sources=["https://example.org", "ftp://x/"]), r"sources\[1\]"),
        (lambda d: d.update(assets=[]), "assets"),
        (lambda d: d["assets"].update({"solaris-sparc": {}}), "assets.solaris-sparc"),
        (lambda d: d["assets"].update({"linux-arm64": 3}), "assets.linux-arm64"),
        (lambda d: linux(d).pop("sha256"), "assets.linux-x86_64.sha256"),
        (lambda d: linux(d).update(sha256="0" * 63), "assets.linux-x86_64.sha256"),
        (lambda d: linux(d).update(sha256="A" * 64), "assets.linux-x86_64.sha256"),
        (lambda d: linux(d).update(file="a/b.tar.gz"), "assets.linux-x86_64.file"),
        (lambda d: linux(d).update(file="..\\b.tar.gz"), "assets.linux-x86_64.file"),
        (lambda d: linux(d).update(file=".."), "assets.linux-x86_64.file"),
        (lambda d: linux(d).update(triple=""), "assets.linux-x86_64.triple"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: Change, field: str) -> None:
    path = written(tmp_path, change)
    with pytest.raises(ProjectError, match=f"{field} ") as caught:
        load_pins(path)
    assert str(path) in caught.value.what


def test_passwords_in_a_source_are_not_shown(tmp_path: Path) -> None:
    path = written(tmp_path, lambda d: d.update(sources=["http://user:secret@example.org"]))
    with pytest.raises(ProjectError) as caught:
        load_pins(path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_what_is_not_a_pins_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pins.json"
    path.write_text(text)
    with pytest.raises(ProjectError, match="JSON"):
        load_pins(path)


def test_a_missing_pins_file(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be read"):
        load_pins(tmp_path / "none.json")


def test_a_target_without_a_pin(tmp_path: Path) -> None:
    pins = load_pins(written(tmp_path, lambda d: d["assets"].pop("windows-arm64")))
    with pytest.raises(ProjectError, match="no interpreter for windows-arm64"):
        pins.pin_for(TARGETS["windows-arm64"])
