"""The tools that formats are made with: found, fetched by electron-builder, or missing.

electron-builder takes each from a place that a variable names, from its own cache, or from its
releases. Names of releases, files and variables: app-builder-lib 26.17, out/toolsets/, and
dmg-builder 26.17, out/dmgUtil.js.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from build_support.errors import ToolError
from build_support.target import System, Target

if TYPE_CHECKING:
    from build_support.packages.formats import Format

State = Literal["found", "fetched", "missing"]
#: Whether an address answers.
Ask = Callable[[str], bool]

_RELEASES = "https://github.com/electron-userland/electron-builder-binaries/releases/download/"
_MIRROR = "ELECTRON_BUILDER_BINARIES_MIRROR"
_MIRROR_VARIABLES = (
    f"NPM_CONFIG_{_MIRROR}",
    f"npm_config_{_MIRROR.lower()}",
    f"npm_package_config_{_MIRROR.lower()}",
    _MIRROR,
)


@dataclass(frozen=True, slots=True)
class Asset:
    """What electron-builder fetches: a release, and a file for each kind of host."""

    release: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, by what it is for.

    `variable` names a place where it is; with `system_variable` set to `true`, or where there
    is no `asset`, the program of that name on PATH is taken. `hosts` are the systems that need
    it.
    """

    name: str
    purpose: str
    variable: str = ""
    system_variable: str = ""
    programs: tuple[str, ...] = ()
    asset: Asset | None = None
    hosts: tuple[System, ...] = ("linux", "macos", "windows")
    install: str = ""


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
        """Where electron-builder would fetch an asset from."""
        values = (self.environment.get(name, "").strip() for name in _MIRROR_VARIABLES)
        mirror = next((value for value in values if value), _RELEASES)
        return f"{mirror.rstrip('/')}/{asset.release}/{asset.files[self.host.name]}"


def _every_host(**names: str) -> Mapping[str, str]:
    return {name.replace("__", "-"): file for name, file in names.items()}


_ALL = ("linux-x86_64", "linux-arm64", "macos-arm64", "macos-x86_64", "windows-x86_64")
_ALL_HOSTS = (*_ALL, "windows-arm64")

SEVEN_ZIP = Tool(
    "7zip",
    "unpacks electron-builder's tools and packs installers",
    variable="ELECTRON_BUILDER_7ZIP_PATH",
    asset=Asset(
        "7zip@1.0.0",
        _every_host(
            linux__x86_64="7zip-linux-x64.tar.gz",
            linux__arm64="7zip-linux-arm64.tar.gz",
            macos__arm64="7zip-darwin-arm64.tar.gz",
            macos__x86_64="7zip-darwin-x86_64.tar.gz",
            windows__x86_64="7zip-win-x64.tar.gz",
            windows__arm64="7zip-win-arm64.tar.gz",
        ),
    ),
    install="apt-get install 7zip, then ELECTRON_BUILDER_7ZIP_PATH=/usr/bin/7zz",
)
FPM = Tool(
    "fpm",
    "writes deb and rpm packages",
    variable="CUSTOM_FPM_PATH",
    system_variable="USE_SYSTEM_FPM",
    programs=("fpm",),
    asset=Asset(
        "fpm@2.1.4",
        _every_host(
            linux__x86_64="fpm-1.17.0-ruby-3.4.3-linux-amd64.7z",
            linux__arm64="fpm-1.17.0-ruby-3.4.3-linux-arm64v8.7z",
        ),
    ),
    install="gem install fpm, then USE_SYSTEM_FPM=true",
)
APPIMAGE = Tool(
    "AppImage tools",
    "mksquashfs, desktop-file-validate and the runtime that opens the image",
    variable="APPIMAGE_TOOLS_PATH",
    asset=Asset(
        "appimage@1.0.3", dict.fromkeys(_ALL_HOSTS, "appimage-tools-runtime-20251108.tar.gz")
    ),
    install="fetch appimage-tools-runtime-20251108.tar.gz elsewhere and unpack it",
)
RPMBUILD = Tool(
    "rpmbuild", "packs rpm packages", programs=("rpmbuild",), install="apt-get install rpm"
)
DMGBUILD = Tool(
    "dmgbuild",
    "lays out disk images",
    variable="CUSTOM_DMGBUILD_PATH",
    asset=Asset(
        "dmg-builder@1.2.5",
        _every_host(
            macos__arm64="dmgbuild-bundle-arm64-75c8a6c.tar.gz",
            macos__x86_64="dmgbuild-bundle-x86_64-75c8a6c.tar.gz",
        ),
    ),
    install="python3 -m pip install dmgbuild, then CUSTOM_DMGBUILD_PATH=<its script>",
)
MAKENSIS = Tool(
    "NSIS",
    "writes installers for Windows",
    variable="ELECTRON_BUILDER_NSIS_DIR",
    asset=Asset("nsis-3.0.4.1", dict.fromkeys(_ALL_HOSTS, "nsis-3.0.4.1.7z")),
    install="fetch nsis-3.0.4.1.7z elsewhere and unpack it",
)
NSIS_PLUGINS = Tool(
    "NSIS plug-ins",
    "belong to NSIS",
    variable="ELECTRON_BUILDER_NSIS_RESOURCES_DIR",
    asset=Asset("nsis-resources-3.4.1", dict.fromkeys(_ALL_HOSTS, "nsis-resources-3.4.1.7z")),
    install="fetch nsis-resources-3.4.1.7z elsewhere and unpack it",
)
WINE = Tool(
    "wine",
    "runs the installer once to get the uninstaller out of it",
    programs=("wine",),
    hosts=("linux", "macos"),
    install="apt-get install wine",
)
NSIS = (MAKENSIS, NSIS_PLUGINS, SEVEN_ZIP, WINE)
#: In the order in which they are shown.
TOOLS = (SEVEN_ZIP, APPIMAGE, FPM, RPMBUILD, DMGBUILD, MAKENSIS, NSIS_PLUGINS, WINE)


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
    return Found(tool, "missing", f"{around.address(asset)} does not answer", _fix(tool))


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

    def find_all(each: Format) -> Iterator[tuple[Tool, Found]]:
        for tool in each.tools:
            yield from ((found.tool, found) for found in find(tool))

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
    hints = [each.fix for each in missing.values()]
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
    name = f"{tool.variable}=<its place>" if tool.variable else ""
    return f"{tool.name}: " + "; ".join(text for text in (tool.install, name) if text)
