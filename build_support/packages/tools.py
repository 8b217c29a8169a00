"""The tools that formats are made with, as a table.

electron-builder takes each from a place that a variable names, from its own cache, or from its
releases. Names of releases, files and variables: app-builder-lib 26.17, out/toolsets/, and
dmg-builder 26.17, out/dmgUtil.js.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from build_support.target import System


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
    hosts=("linux",),
    install="apt-get install wine",
)
NSIS = (MAKENSIS, NSIS_PLUGINS, SEVEN_ZIP, WINE)
#: In the order in which they are shown.
TOOLS = (SEVEN_ZIP, APPIMAGE, FPM, RPMBUILD, DMGBUILD, MAKENSIS, NSIS_PLUGINS, WINE)
