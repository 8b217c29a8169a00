"""Whether the tools of formats are there: found, fetched by electron-builder, or missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from build_support.errors import ToolError
from build_support.packages.formats import Format
from build_support.packages.tools import SEVEN_ZIP, Asset, Tool
from build_support.target import Target

State = Literal["found", "fetched", "missing"]
#: Whether an address answers.
Ask = Callable[[str], bool]

_RELEASES = "https://github.com/electron-userland/electron-builder-binaries/releases/download/"
_MIRROR = "ELECTRON_BUILDER_BINARIES_MIRROR"
_CUSTOM_FOLDER = "ELECTRON_BUILDER_BINARIES_CUSTOM_DIR"
#: A folder that holds all files, whatever their release is.
_OVERRIDE = "ELECTRON_BUILDER_BINARIES_DOWNLOAD_OVERRIDE_URL"


@dataclass(frozen=True, slots=True)
class Found:
    """What looking for a tool came to. `fix` says how to supply it."""

    tool: Tool
    state: State
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where tools are looked for: this machine, its variables, its programs, the network."""

    host: Target
    environment: Mapping[str, str]
    ask: Ask
    find: Callable[[str], str | None] = field(default=shutil.which)

    @property
    def cache(self) -> Path:
        """electron-builder's own cache (its getCacheDirectory)."""
        variables = self.environment
        if named := variables.get("ELECTRON_BUILDER_CACHE", "").strip():
            return Path(named)
        home = Path(variables.get("HOME") or Path.home())
        folder = {
            "linux": Path(variables.get("XDG_CACHE_HOME") or home / ".cache", "electron-builder"),
            "macos": home / "Library" / "Caches" / "electron-builder",
            "windows": Path(variables.get("LOCALAPPDATA") or home, "electron-builder", "Cache"),
        }
        return folder[self.host.system]

    def address(self, asset: Asset) -> str:
        """Where electron-builder would fetch an asset from (its binDownload.js)."""
        file = asset.files[self.host.name]
        if folder := self.environment.get(_OVERRIDE, "").strip():
            return f"{folder.rstrip('/')}/{file}"
        mirror = self._of_npm(_MIRROR) or _RELEASES
        release = self._of_npm(_CUSTOM_FOLDER) or asset.release
        return f"{mirror.rstrip('/')}/{release}/{file}"

    def _of_npm(self, name: str) -> str:
        """Return a variable's value, under the first of the names that npm gives it."""
        lower = name.lower()
        names = (f"NPM_CONFIG_{name}", f"npm_config_{lower}", f"npm_package_config_{lower}", name)
        values = (self.environment.get(each, "").strip() for each in names)
        return next((value for value in values if value), "")


def look_for(tool: Tool, around: Surroundings) -> Found:
    """Look for one tool where electron-builder would, asking the network last."""
    if named := around.environment.get(tool.variable, "").strip() if tool.variable else "":
        if Path(named).exists():
            return Found(tool, "found", f"{named} ({tool.variable})")
        return Found(tool, "missing", f"{tool.variable} names nothing: {named}", _fix(tool))
    wants_system = around.environment.get(tool.system_variable) == "true"
    if tool.asset is None or wants_system:
        return _on_path(tool, around)
    return _of_electron_builder(tool, tool.asset, around)


def _of_electron_builder(tool: Tool, asset: Asset, around: Surroundings) -> Found:
    if around.host.name not in asset.files:
        return Found(tool, "missing", f"there is none for {around.host}", _fix(tool))
    if _is_cached(asset, around):
        return Found(tool, "found", "in electron-builder's cache")
    if around.ask(around.address(asset)):
        return Found(tool, "fetched", "electron-builder fetches it")
    place = urlsplit(around.address(asset)).netloc.rpartition("@")[2]
    return Found(tool, "missing", f"{place} does not answer", _fix(tool))


def look_for_all(formats: Iterable[Format], around: Surroundings) -> Mapping[str, Sequence[Found]]:
    """Return what is found for each format, by its name; each tool is looked for once."""
    known: dict[str, Found] = {}

    def find(tool: Tool) -> Iterator[Found]:
        if around.host.system not in tool.hosts:
            return
        if tool.name not in known:
            known[tool.name] = look_for(tool, around)
        found = known[tool.name]
        yield found
        file = tool.asset.files.get(around.host.name, "") if tool.asset else ""
        if found.state == "fetched" and file.endswith(".7z"):
            yield from find(SEVEN_ZIP)

    return {
        each.name: tuple(
            {found.tool.name: found for tool in each.tools for found in find(tool)}.values()
        )
        for each in formats
    }


def check_tools(formats: Sequence[Format], around: Surroundings) -> None:
    """Make sure that every tool can be had, before any work is done.

    Raises ToolError that names each missing tool, why it is missing, and how to go on.
    """
    found = look_for_all(formats, around)
    lacking = {
        name: [each for each in tools if each.state == "missing"] for name, tools in found.items()
    }
    missing = {each.tool.name: each for tools in lacking.values() for each in tools}
    if not missing:
        return
    without = [name for name, tools in lacking.items() if tools]
    rest = [each.name for each in formats if each.name not in without]
    lines = [
        f"{each.tool.name}, which {each.tool.purpose}: {each.detail}." for each in missing.values()
    ]
    hints = [f"{each.tool.name}: {each.fix}" for each in missing.values()]
    hints.append(f"A mirror of electron-builder's releases: {_MIRROR}")
    hints.append(
        f"Or leave the format out: --formats {','.join(rest)}"
        if rest
        else "Or choose a format that needs no tools: --formats dir,zip"
    )
    raise ToolError(
        f"The tools for {', '.join(without)} are not all there.",
        why="\n".join(lines),
        hint="\n".join(hints),
    )


def _on_path(tool: Tool, around: Surroundings) -> Found:
    for program in tool.programs:
        if place := around.find(program):
            return Found(tool, "found", place)
    return Found(tool, "missing", f"{' or '.join(tool.programs)} is not on PATH", _fix(tool))


def _is_cached(asset: Asset, around: Surroundings) -> bool:
    file = asset.files[around.host.name]
    folder = around.cache / asset.release
    stem = file.removesuffix(".tar.gz").removesuffix(".7z")
    return (folder / file).is_file() or any(folder.glob(f"{stem}-*"))


def _fix(tool: Tool) -> str:
    said = not tool.variable or tool.variable in tool.install
    name = "" if said else f"{tool.variable}=<its place>"
    return "; ".join(text for text in (tool.install, name) if text)
