from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from build_support.desktop.modules import Modules
from build_support.desktop.node import Node
from build_support.errors import ToolError
from build_support.packages.builder import Bench, build_folder, build_installers, environment
from build_support.target import TARGETS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the made-up Node is a script")

_FAKE = """\
import json, os, pathlib, sys
pathlib.Path("{notes}").write_text(json.dumps({{"words": sys.argv[1:], "env": dict(os.environ)}}))
configuration = json.load(open(sys.argv[sys.argv.index("--config") + 1]))
output = pathlib.Path(configuration["directories"]["output"])
for name in {made}:
    (output / name).mkdir(parents=True)
sys.exit({code})
"""


def bench(tmp_path: Path, made: list[str], code: int = 0, target: str = "linux-arm64") -> Bench:
    """A bench whose Node is this Python, and whose electron-builder is a script of it."""
    script = tmp_path / "modules" / "electron-builder" / "cli.js"
    script.parent.mkdir(parents=True)
    script.write_text(
        _FAKE.format(notes=tmp_path / "notes.json", made=made, code=code), encoding="utf-8"
    )
    node = Node(Path(sys.executable), Path("/npm-cli.js"), "24.0.0", pinned=True)
    work = tmp_path / "work"
    (work / "built").mkdir(parents=True)
    modules = Modules(node, tmp_path / "modules")
    return Bench(modules, TARGETS[target], work, {"SIGN": "yes"})


def configuration(tmp_path: Path) -> dict[str, object]:
    return {
        "directories": {"output": str(tmp_path / "work" / "built")},
        "win": {"icon": "i.ico"},
    }


def used(where: Bench) -> dict[str, object]:
    """The configuration that electron-builder was given."""
    document = json.loads((where.work / "electron-builder.json").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def noted(tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    notes = json.loads((tmp_path / "notes.json").read_text(encoding="utf-8"))
    return notes["words"], notes["env"]


def test_the_folder_that_it_made(tmp_path: Path) -> None:
    found = build_folder(bench(tmp_path, ["linux-arm64-unpacked"]), configuration(tmp_path))
    assert found == tmp_path / "work" / "built" / "linux-arm64-unpacked"
    words, variables = noted(tmp_path)
    assert words[:3] == ["--linux", "dir", "--arm64"]
    assert words[-2:] == ["--publish", "never"]
    assert variables["SIGN"] == "yes"
    npm = Path(variables["PATH"].split(":")[0], "npm")
    assert "/npm-cli.js" in npm.read_text(encoding="utf-8")
    assert npm.stat().st_mode & 0o100


@pytest.mark.parametrize("made", [[], ["one", "two"]])
def test_another_number_of_folders_is_an_error(tmp_path: Path, made: list[str]) -> None:
    with pytest.raises(ToolError, match="did not make one folder"):
        build_folder(bench(tmp_path, made), configuration(tmp_path))


def test_its_failure_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="electron-builder failed"):
        build_folder(bench(tmp_path, ["x"], code=1), configuration(tmp_path))


def test_installers_are_made_of_what_was_packed(tmp_path: Path) -> None:
    where = bench(tmp_path, [], target="windows-x86_64")
    build_installers(where, configuration(tmp_path), ["nsis"], tmp_path / "app")
    words, _ = noted(tmp_path)
    assert words[:5] == ["--win", "nsis", "--prepackaged", str(tmp_path / "app"), "--x64"]
    assert used(where) == configuration(tmp_path)


def test_the_folder_for_windows_is_packed_without_signing(tmp_path: Path) -> None:
    where = bench(tmp_path, ["win-unpacked"], target="windows-x86_64")
    build_folder(where, configuration(tmp_path))
    assert used(where)["win"] == {"icon": "i.ico", "signExecutable": False}


def test_no_secret_of_the_machine_reaches_it() -> None:
    node = Node(Path("/n/node"), Path("/npm"), "24.0.0", pinned=False)
    names = ("CSC_LINK", "CSC_KEY_PASSWORD", "CSC_NAME", "CSC_KEYCHAIN", "WIN_CSC_LINK", "GH_TOKEN")
    secrets = dict.fromkeys((*names, "NODE_OPTIONS"), "secret")
    found = environment({**secrets, "HOME": "/h", "PATH": "/bin"}, node, Path("/p"), {"X": "1"})
    assert not secrets.keys() & found.keys()
    assert found["HOME"] == "/h"
    assert found["PATH"] == "/p:/n:/bin"
    assert found["X"] == "1"
    assert found["CSC_IDENTITY_AUTO_DISCOVERY"] == "false"
    asked = environment(secrets, node, Path("/p"), {"CSC_NAME": "wanted"})
    assert asked["CSC_NAME"] == "wanted"
