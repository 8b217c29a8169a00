"""electron-builder's configuration: the committed file, and what comes from the project. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build_support.desktop.modules import SHELL
from build_support.icons.make import Icons
from build_support.packages.electrons import PackagedElectron
from build_support.projects.project import Project
from build_support.projects.publication import Publication
from build_support.target import System, Target

COMMITTED = SHELL / "electron-builder.json"
#: The bundle's folder in a package, and of what else the shell looks for beside it.
BUNDLE_FOLDER = "django-bundle"
#: Where the shell finds the application's icon: electron/lib/shell/icon.js.
ICON_FILE = "icon.png"
#: What a rehearsal starts in place of the shell's own main.js.
REHEARSAL_MAIN = "rehearsal.js"


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Everything that a package is made of.

    `about` is a folder whose files lie beside the bundle in the package. `rehearsal` is one
    with what an old Electron needs, None where there is none.
    """

    project: Project
    publication: Publication
    target: Target
    stem: str
    electron: PackagedElectron
    icons: Icons
    bundle: Path
    about: Path
    rehearsal: Path | None


def configure(
    parts: Ingredients, output: Path, committed: Mapping[str, Any], *, signed: bool
) -> Mapping[str, Any]:
    """Return the configuration for one package; electron-builder writes into `output`."""
    values = _common(parts, output)
    own = _OWN[parts.target.system](parts, signed=signed)
    merged = merge(merge(committed, values), own)
    if parts.electron.has_fuses:
        # One way, and on macOS its key is kept for whoever has signed.
        merged["electronFuses"] = {**merged["electronFuses"], "enableCookieEncryption": signed}
    else:
        del merged["electronFuses"]
    if parts.rehearsal is not None:
        files = {"from": str(parts.rehearsal), "to": ".", "filter": ["**/*"]}
        merged["files"] = [*merged["files"], files]
        merged["extraMetadata"]["main"] = REHEARSAL_MAIN
    return merged


def for_folder(configuration: Mapping[str, Any], target: Target) -> Mapping[str, Any]:
    """Return the configuration for packing the folder, whose programs are signed afterwards.

    On Windows electron-builder would sign every .exe that it copies, those of the finished
    bundle as well.
    """
    if target.system != "windows":
        return configuration
    return merge(configuration, {"win": {"signExecutable": False}})


def read_committed(file: Path = COMMITTED) -> Mapping[str, Any]:
    """Return the committed configuration."""
    document: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {key: value for key, value in document.items() if key != "$schema"}


def merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return both; objects are merged, anything else of the second replaces the first's."""
    result = dict(first)
    for key, value in second.items():
        known = result.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            result[key] = merge(known, value)
        else:
            result[key] = value
    return result


def _common(parts: Ingredients, output: Path) -> Mapping[str, Any]:
    publication, project = parts.publication, parts.project
    author = {"name": publication.author, "email": publication.email}
    metadata = {
        "name": publication.slug,
        "version": publication.version,
        "description": publication.description or project.name,
        "homepage": publication.homepage,
        "license": publication.licence,
        "author": {key: value for key, value in author.items() if value},
        "desktopName": f"{publication.slug}.desktop",
    }
    resources = [(parts.bundle, BUNDLE_FOLDER), (parts.about, "."), (parts.icons.shown, ICON_FILE)]
    return {
        "appId": project.identifier,
        "productName": project.name,
        "artifactName": f"{parts.stem}.${{ext}}",
        "directories": {"output": str(output)},
        "electronVersion": parts.electron.version,
        "electronDist": str(parts.electron.folder),
        "afterExtract": str(SHELL / "build" / "after-extract.cjs"),
        "extraMetadata": {key: value for key, value in metadata.items() if value},
        "extraResources": [
            {"from": str(source), "to": place, "filter": ["**/*"]} for source, place in resources
        ],
    }


def _linux(parts: Ingredients, *, signed: bool) -> Mapping[str, Any]:
    del signed  # Linux packages are vouched for by their checksums
    publication = parts.publication
    linux = {
        "icon": str(parts.icons.pngs),
        "executableName": publication.slug,
        "synopsis": publication.description or parts.project.name,
        "maintainer": publication.maintainer or None,
        "vendor": publication.author or None,
    }
    return {"linux": {key: value for key, value in linux.items() if value}}


def _macos(parts: Ingredients, *, signed: bool) -> Mapping[str, Any]:
    # Notarized here, after the files were looked at; "-" is enough to start on the same Mac.
    own: dict[str, Any] = {"icon": str(parts.icons.icns), "notarize": False}
    if signed:
        own["sign"] = str(SHELL / "build" / "sign-mac.cjs")
    else:
        own |= {"identity": "-", "hardenedRuntime": False}
    return {"mac": own}


def _windows(parts: Ingredients, *, signed: bool) -> Mapping[str, Any]:
    own: dict[str, Any] = {"icon": str(parts.icons.ico)}
    if signed:
        # Files in the folder are signed here; the installer and its uninstaller by this.
        # Without the algorithm each file is signed twice, the first time with SHA-1.
        hook = str(SHELL / "build" / "sign-windows.cjs")
        own["signtoolOptions"] = {"sign": hook, "signingHashAlgorithms": ["sha256"]}
    return {"win": own}


_OWN = {"linux": _linux, "macos": _macos, "windows": _windows}

#: What electron-builder leaves out of file names (sanitize-filename), and what else it allows in
#: those of an AppImage (app-builder-lib 26.17, out/targets/appimage/appImageUtil.js).
_LEFT_OUT = frozenset('/?<>\\:*|"')
_ALLOWED = frozenset("._- ()")


def unfit_for_appimage(name: str) -> str:
    """Return the characters of an application's name that an AppImage cannot have."""
    unfit = (char for char in name if not char.isalnum() and char not in _ALLOWED | _LEFT_OUT)
    return "".join(dict.fromkeys(unfit))


#: What packages need of a project besides its name: electron-builder refuses to go on without.
_FOR_LINUX_PACKAGES = frozenset({"deb", "rpm"})


def missing_fields(
    publication: Publication, system: System, formats: frozenset[str]
) -> tuple[str, ...]:
    """Return the fields of [project] that some formats need and are not there."""
    if system != "linux" or not formats & _FOR_LINUX_PACKAGES:
        return ()
    needed = {
        'authors = [{name = "…", email = "…"}]': publication.maintainer,
        'urls = {Homepage = "https://…"}': publication.homepage,
    }
    return tuple(field for field, value in needed.items() if not value)
