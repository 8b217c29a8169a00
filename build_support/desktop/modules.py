"""The shell's npm packages: installed from its lock, once for each lock and Node."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from build_support import ROOT, digest
from build_support.desktop.node import Node
from build_support.errors import ProjectError
from build_support.processes import run
from build_support.reporter import Reporter

SHELL = ROOT / "electron"

_MARK = ".made-from"
_HINT = (
    "npm takes its packages from the registry of its own configuration: see `npm config get "
    "registry`, and name another in npm_config_registry.\nBehind a proxy, set HTTPS_PROXY; where "
    "TLS is inspected, NODE_EXTRA_CA_CERTS.\nPackages that were fetched before need no network."
)


@dataclass(frozen=True, slots=True)
class Modules:
    """An installed `node_modules` and the Node that it was installed with."""

    node: Node
    folder: Path

    def command(self, script: str, *words: str | Path) -> list[str | Path]:
        """Return the words that run a script of a package, as `eslint/bin/eslint.js`."""
        return self.node.command(self.folder / script, *words)


def install_modules(node: Node, reporter: Reporter, *, shell: Path = SHELL) -> Modules:
    """Install what the shell's package-lock.json names, and nothing else; return where it is.

    No package runs a script of its own. An installation that was made from the same lock
    by the same Node is used as it is; a half-made one is never taken for that. Raises
    ToolError when npm fails, ProjectError when there is no lock.
    """
    folder = shell / "node_modules"
    key = _key(node, shell)
    if _is_made_from(folder, key):
        return Modules(node, folder)
    lock = FileLock(shell / ".node_modules.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        reporter.note("Another session installs the shell's packages; waiting for it.")
        lock.acquire()
    try:
        if not _is_made_from(folder, key):
            _install(node, shell, folder / _MARK, key, reporter)
    finally:
        lock.release()
    return Modules(node, folder)


def _install(node: Node, shell: Path, mark: Path, key: str, reporter: Reporter) -> None:
    mark.unlink(missing_ok=True)
    command = node.command(node.npm, "ci", "--ignore-scripts", "--prefer-offline")
    path = os.pathsep.join([str(node.executable.parent), os.environ.get("PATH", os.defpath)])
    with reporter.step(f"Install the shell's npm packages (Node {node.version})"):
        run(
            [*command, "--no-audit", "--no-fund", "--no-update-notifier"],
            doing=f"npm ci in {shell}",
            hint=_HINT,
            environment={**os.environ, "PATH": path},
            folder=shell,
        )
    mark.write_text(key, encoding="utf-8")


def _key(node: Node, shell: Path) -> str:
    lock = shell / "package-lock.json"
    try:
        files = [digest.of_file(file) for file in (shell / "package.json", lock)]
    except FileNotFoundError as error:
        raise ProjectError(
            f"There is no {error.filename}.",
            why="It names every npm package with its hash, and nothing is installed without it.",
            hint="Get it back from version control.",
        ) from None
    # Another place of the same checkout, as after moving it, changes nothing.
    return digest.of_values(files, node.version)


def _is_made_from(folder: Path, key: str) -> bool:
    mark = folder / _MARK
    return mark.is_file() and mark.read_text(encoding="utf-8") == key
