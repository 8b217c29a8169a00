"""Electron's own archives: one for each target, pinned by SHA-256 in one data file."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from build_support import ROOT, digest
from build_support.cache import Cache
from build_support.desktop.unzip import unzip
from build_support.errors import ToolError, UnreachableError, UsageError
from build_support.published import urls
from build_support.published.download import download
from build_support.published.fetch import patience
from build_support.published.sources import Source
from build_support.reporter import Reporter
from build_support.target import Target

PINS_FILE = ROOT / "build_support" / "data" / "electron.json"
#: The stage of the cache for what is unpacked, the stand-in as well.
STAGE = "electron"

_LARGEST = 400_000_000
#: For how many seconds a source that could not be reached is not tried again.
_REMEMBER_UNREACHABLE = 3600


@dataclass(frozen=True, slots=True)
class Archive:
    """A target's archive of Electron: what it is called, and what its bytes have to be."""

    version: str
    file: str
    sha256: str
    official: str


def archive_for(target: Target, pins: Path = PINS_FILE) -> Archive:
    """Return the pinned archive of a target."""
    document = json.loads(pins.read_text(encoding="utf-8"))
    asset = document["assets"][target.name]
    return Archive(document["version"], asset["file"], asset["sha256"], document["source"])


def source_of(archive: Archive, environment: Mapping[str, str]) -> Source:
    """Return where an archive is asked for: by the variables that Electron's own installer reads.

    ELECTRON_MIRROR, ELECTRON_CUSTOM_DIR and ELECTRON_CUSTOM_FILENAME, also as
    npm_config_electron_*; the address is the three in a row (@electron/get 5,
    artifact-utils.js). Raises UsageError when the mirror cannot be used.
    """
    mirror = _variable("mirror", environment)
    prefix = mirror or archive.official
    if mirror and (problem := urls.complaint(mirror)):
        raise UsageError(
            f"The mirror in ELECTRON_MIRROR cannot be used: {urls.redacted(mirror)}",
            why=f"{problem[0].upper()}{problem[1:]}.",
            hint="The archive is expected at "
            f"<mirror>v{archive.version}/{archive.file}, and the mirror ends with a slash.",
        )
    folder = _variable("custom_dir", environment) or f"v{archive.version}"
    folder = folder.replace("{{ version }}", archive.version)
    file = _variable("custom_filename", environment) or archive.file
    name = "the mirror of ELECTRON_MIRROR" if mirror else "Electron's releases on github.com"
    return Source(name, f"{prefix}{folder}/{file}")


def unpacked(
    archive: Archive,
    *,
    name: str,
    replaceable: bool,
    hint: str,
    cache: Cache,
    reporter: Reporter,
    environment: Mapping[str, str],
    refresh: bool = False,
) -> Path:
    """Return the folder of an archive's content: from the cache, else fetched.

    `name` is what messages call it. `replaceable`: something else can be used instead, so a
    source that is out of reach, or was a short while ago, raises UnreachableError; where
    nothing can, it raises ToolError with the hint. Raises what else `fetch_archive` raises.
    """
    if cache.has_tree(STAGE, archive.sha256):
        return _tree(archive, Path(), cache)
    if replaceable and not refresh and was_unreachable(archive, cache, environment):
        raise UnreachableError(f"{name} was out of reach a short while ago; --refresh looks again.")
    try:
        source = fetch_archive(
            archive,
            cache=cache,
            reporter=reporter,
            environment=environment,
            patient=not replaceable,
        )
    except UnreachableError as error:
        if not replaceable:
            why = error.why or error.what
            raise ToolError(f"{name} cannot be had.", why=why, hint=hint) from None
        remember_unreachable(archive, cache, environment)
        raise
    with reporter.step(f"Unpack {name}"):
        return _tree(archive, source, cache)


def fetch_archive(
    archive: Archive,
    *,
    cache: Cache,
    reporter: Reporter,
    environment: Mapping[str, str],
    patient: bool = True,
) -> Path:
    """Return an archive, verified: from the cache, else from its source.

    Without patience, because something else can be used instead, the source has a few
    seconds to answer. Raises what `download` raises, UnreachableError among it.
    """
    path = cache.archive(archive.sha256, archive.file)
    if path.is_file():
        return path
    source = source_of(archive, environment)
    chosen = patience(patient=patient, sources=1)
    waiting = partial(reporter.note, f"Waiting for another download of {archive.file}.")
    with cache.lock(f"archives/{archive.sha256}", waiting):
        if not path.is_file():
            download(
                source,
                path,
                sha256=archive.sha256,
                reporter=reporter,
                limits=replace(chosen.limits, size=_LARGEST),
                retry=chosen.retry,
            )
    return path


def was_unreachable(archive: Archive, cache: Cache, environment: Mapping[str, str]) -> bool:
    """Whether the archive's source was found out of reach within the last hour."""
    mark = _mark(archive, cache, environment)
    return mark.exists() and time.time() - mark.stat().st_mtime < _REMEMBER_UNREACHABLE


def remember_unreachable(archive: Archive, cache: Cache, environment: Mapping[str, str]) -> None:
    """Note that the archive's source is out of reach, for an hour and for this address only."""
    mark = _mark(archive, cache, environment)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _tree(archive: Archive, source: Path, cache: Cache) -> Path:
    return cache.tree(STAGE, archive.sha256, partial(unzip, source))


def _mark(archive: Archive, cache: Cache, environment: Mapping[str, str]) -> Path:
    url = source_of(archive, environment).url
    return cache.root / "electron" / f"unreachable-{digest.of_values(url)[:16]}"


def _variable(name: str, environment: Mapping[str, str]) -> str:
    """Return the first that is set, in the order of @electron/get."""
    short = name.replace("_", "")
    for variable in (
        f"npm_config_electron_{short}",
        f"NPM_CONFIG_ELECTRON_{name.upper()}",
        f"npm_config_electron_{name}",
        f"ELECTRON_{name.upper()}",
    ):
        if value := environment.get(variable, "").strip():
            return value
    return ""
