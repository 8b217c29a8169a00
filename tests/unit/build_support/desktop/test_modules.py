from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.desktop.modules import install_modules
from build_support.desktop.node import Node
from build_support.errors import ProjectError, ToolError
from tests import unix
from tests.unit.build_support.conftest import Said
from tests.unit.build_support.desktop.programs import write_program

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs are scripts")

#: Notes how it was called, and makes the folder as npm does: emptied first, filled then.
_NPM = """
import json, os, shutil, sys
from pathlib import Path
with open({asked!r}, "a") as asked:
    print(json.dumps([sys.argv[1:], os.getcwd(), os.environ["PATH"]]), file=asked)
modules = Path("node_modules")
shutil.rmtree(modules, ignore_errors=True)
(modules / "eslint").mkdir(parents=True)
{then}
(modules / "eslint" / "whole").touch()
"""

_OTHER = """
import sys
from pathlib import Path
from build_support.desktop.modules import install_modules
from build_support.desktop.node import Node
from build_support.reporter import Reporter
node, shell = map(Path, sys.argv[1:])
install_modules(Node(node, Path("npm-cli.js"), "24.1.0", pinned=False), Reporter(), shell=shell)
"""


class Shell:
    """A folder with a lock, and a Node that plays npm."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "electron"
        self.modules = self.folder / "node_modules"
        self.node = folder / "bin" / "node"
        self._asked = folder / "asked"
        self.folder.mkdir()
        (self.folder / "package.json").write_text("{}")
        (self.folder / "package-lock.json").write_text("{}")
        self.program()

    def program(self, then: str = "") -> None:
        write_program(self.node, _NPM.format(asked=str(self._asked), then=then))

    def asked(self) -> list[tuple[list[str], str, str]]:
        if not self._asked.exists():
            return []
        return [json.loads(line) for line in self._asked.read_text().splitlines()]

    def install(self, said: Said, version: str = "24.1.0") -> Path:
        node = Node(self.node, Path("npm-cli.js"), version, pinned=False)
        return install_modules(node, said.reporter, shell=self.folder).folder


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_only_what_the_lock_names_is_installed_and_no_script_runs(shell: Shell, said: Said) -> None:
    assert shell.install(said) == shell.modules
    [(words, folder, path)] = shell.asked()
    assert words[:3] == ["npm-cli.js", "ci", "--ignore-scripts"]
    assert folder == str(shell.folder)
    # npm's own children are to find this Node, not an older one.
    assert path.startswith(str(shell.node.parent))
    assert "24.1.0" in said.text


def test_it_is_installed_once_for_each_lock_and_node(shell: Shell, said: Said) -> None:
    for version in ("24.1.0", "24.1.0", "24.2.0", "24.2.0"):
        shell.install(said, version)
    assert len(shell.asked()) == 2
    for name in ("package.json", "package-lock.json"):
        (shell.folder / name).write_text('{"name": "other"}')
        shell.install(said, "24.2.0")
        shell.install(said, "24.2.0")
    assert len(shell.asked()) == 4


def test_an_installation_that_failed_is_made_again(shell: Shell, said: Said) -> None:
    shell.install(said)
    (shell.folder / "package-lock.json").write_text('{"name": "other"}')
    shell.program("sys.exit('ENOTFOUND registry')")
    for _ in range(2):
        with pytest.raises(ToolError) as caught:
            shell.install(said)
        assert "ENOTFOUND" in caught.value.why
        assert "HTTPS_PROXY" in caught.value.hint
        assert "npm_config_registry" in caught.value.hint
    shell.program()
    shell.install(said)
    assert (shell.modules / "eslint" / "whole").exists()
    assert len(shell.asked()) == 4


def test_an_installation_that_was_interrupted_is_made_again(shell: Shell, said: Said) -> None:
    half = shell.folder / "half"
    unix.mkfifo(half)
    shell.program(
        "half = open('half', 'w'); half.write('x'); half.flush(); sys.stdin.read(); "
        "import signal; signal.pause()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(shell.node), str(shell.folder)],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    with process:
        with half.open() as npm:
            assert npm.read(1) == "x"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) != 0
    shell.program()
    shell.install(said)
    assert (shell.modules / "eslint" / "whole").exists()


def test_what_a_failed_installation_left_is_not_taken_for_the_one_before(
    shell: Shell, said: Said
) -> None:
    shell.install(said)
    lock = shell.folder / "package-lock.json"
    lock.write_text('{"name": "other"}')
    half = "from pathlib import Path\nPath('node_modules/eslint/whole').unlink()\n1 / 0"
    write_program(shell.node, half)
    with pytest.raises(ToolError):
        shell.install(said)
    lock.write_text("{}")
    shell.program()
    shell.install(said)
    assert (shell.modules / "eslint" / "whole").exists()


def test_a_folder_that_somebody_else_filled_is_not_trusted(shell: Shell, said: Said) -> None:
    shell.modules.mkdir()
    (shell.modules / "other").touch()
    shell.install(said)
    assert not (shell.modules / "other").exists()


def test_there_must_be_a_lock(shell: Shell, said: Said) -> None:
    (shell.folder / "package-lock.json").unlink()
    with pytest.raises(ProjectError) as caught:
        shell.install(said)
    assert "package-lock.json" in caught.value.what
    assert shell.asked() == []


def test_how_a_package_is_run(shell: Shell, said: Said) -> None:
    node = Node(shell.node, Path("npm-cli.js"), "24.1.0", pinned=False)
    modules = install_modules(node, said.reporter, shell=shell.folder)
    script = shell.modules / "eslint" / "bin" / "eslint.js"
    assert modules.command("eslint/bin/eslint.js", "--fix") == [shell.node, script, "--fix"]
