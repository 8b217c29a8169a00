"""Run electron-builder: once for the application's folder, once for what is made of it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from build_support.desktop.modules import SHELL, Modules
from build_support.desktop.node import Node
from build_support.errors import ToolError
from build_support.packages.configuration import for_folder
from build_support.processes import run
from build_support.target import System, Target

_SYSTEM_OPTIONS: Mapping[System, str] = {"linux": "--linux", "macos": "--mac", "windows": "--win"}
_MACHINE_OPTIONS: Mapping[str, str] = {"x86_64": "--x64", "arm64": "--arm64"}
#: With any of these electron-builder would sign what is not to be signed, or publish.
_WITHHELD = (
    "CSC_LINK",
    "CSC_KEY_PASSWORD",
    "CSC_NAME",
    "CSC_KEYCHAIN",
    "WIN_CSC_LINK",
    "WIN_CSC_KEY_PASSWORD",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "ELECTRON_RUN_AS_NODE",
    "NODE_OPTIONS",
)
_HINT = "DEBUG=electron-builder* makes it say more."


@dataclass(frozen=True, slots=True)
class Bench:
    """Where electron-builder works: with which modules, for which target, in which folder.

    `variables` are added to its environment; with those for signing it signs.
    """

    modules: Modules
    target: Target
    work: Path
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


def build_folder(bench: Bench, configuration: Mapping[str, Any]) -> Path:
    """Pack the application's folder; on macOS it is signed where the bench tells it to be.

    Returns the folder that end users would have: on macOS the one with the `.app` in it.
    Raises ToolError when electron-builder fails.
    """
    _run(bench, for_folder(configuration, bench.target), ["dir"])
    output = Path(configuration["directories"]["output"])
    found = [path for path in sorted(output.iterdir()) if path.is_dir()]
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise ToolError("electron-builder did not make one folder.", why=f"It made: {names}.")
    return found[0]


def build_installers(
    bench: Bench, configuration: Mapping[str, Any], formats: Sequence[str], application: Path
) -> None:
    """Make formats of what was packed: the folder, or on macOS the application in it.

    Raises ToolError when electron-builder fails.
    """
    _run(bench, configuration, [*formats, "--prepackaged", str(application)])


def environment(
    inherited: Mapping[str, str], node: Node, programs: Path, variables: Mapping[str, str]
) -> dict[str, str]:
    """Return electron-builder's environment: without secrets but those in `variables`."""
    kept = {name: value for name, value in inherited.items() if name not in _WITHHELD}
    folders = [str(programs), str(node.executable.parent), kept.get("PATH", os.defpath)]
    return {
        **kept,
        "PATH": os.pathsep.join(folders),
        "NO_UPDATE_NOTIFIER": "1",
        "CSC_IDENTITY_AUTO_DISCOVERY": "false",
        **variables,
    }


def _run(bench: Bench, configuration: Mapping[str, Any], words: Iterable[str]) -> None:
    node, target = bench.modules.node, bench.target
    file = bench.work / "electron-builder.json"
    file.write_text(json.dumps(configuration, indent=2), encoding="utf-8")
    programs = bench.work / "programs"
    _offer_npm(node, programs)
    options = [_SYSTEM_OPTIONS[target.system], *words, _MACHINE_OPTIONS[target.machine]]
    command = bench.modules.command("electron-builder/cli.js", *options)
    command += ["--config", file, "--projectDir", SHELL, "--publish", "never"]
    run(
        command,
        doing="electron-builder",
        hint=_HINT,
        environment=environment(os.environ, node, programs, bench.variables),
        folder=SHELL,
    )


def _offer_npm(node: Node, folder: Path) -> None:
    """Put npm where electron-builder looks for it: the pinned Node has none on PATH."""
    folder.mkdir(exist_ok=True)
    if os.name == "nt":
        text = f'@"{node.executable}" "{node.npm}" %*\r\n'
        (folder / "npm.cmd").write_text(text, encoding="utf-8")
        return
    script = folder / "npm"
    script.write_text(f'#!/bin/sh\nexec "{node.executable}" "{node.npm}" "$@"\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
