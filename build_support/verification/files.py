"""Whether the files of a bundle are what its manifest says. Works for every target."""

from __future__ import annotations

import importlib.metadata
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from build_support.bundles.manifest import (
    DESCRIBING_FILES,
    LISTING_FILE,
    VERSION_FILE,
    Manifest,
)
from build_support.errors import BuildError
from build_support.lists import listed
from build_support.projects.secrets import private_key_reason, secret_reason
from build_support.target import PYTHON_SERIES, TARGETS, System, Target
from build_support.trees import listing
from build_support.trees.archive import check_layout
from build_support.trees.binaries import read_binary
from build_support.trees.folders import BUNDLE_APP, BUNDLE_PACKAGES, BUNDLE_PYTHON, BUNDLE_STATIC
from build_support.trees.records import differing_files, read_records

_SHOWN = 10
_PYC_SUFFIX = f".cpython-{PYTHON_SERIES.replace('.', '')}.pyc"
_UNCHECKED_HASH = 0b01  # the flags word of PEP 552
_EXTENSION_SUFFIXES: Mapping[System, str] = {"linux": ".so", "macos": ".so", "windows": ".pyd"}


def check_files(bundle: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield (title, problem) for each check; the problem is empty when it is right."""
    for title, check in _CHECKS.items():
        try:
            problems = list(check(bundle, manifest))
        except (BuildError, OSError, ValueError) as error:
            problems = [str(error)]
        yield title, listed(problems, most=_SHOWN)


def _check_digests(bundle: Path, manifest: Manifest) -> Iterator[str]:
    text = (bundle / LISTING_FILE).read_text(encoding="utf-8")
    if listing.digest(text) != manifest.files.digest:
        yield f"{LISTING_FILE} is not the one that bundle.json was written with"
    entries = listing.parse_listing(text)
    if len(entries) != manifest.files.count:
        yield f"{LISTING_FILE} names {len(entries)} files, bundle.json {manifest.files.count}"
    if sum(entry.size for entry in entries) != manifest.files.bytes:
        yield f"{LISTING_FILE} and bundle.json disagree about how many bytes there are"
    yield from listing.compare(bundle, entries, content=True, modes=False, exclude=DESCRIBING_FILES)


def _check_version(bundle: Path, manifest: Manifest) -> Iterator[str]:
    if (bundle / VERSION_FILE).read_text(encoding="utf-8") != manifest.version_line:
        yield f"{VERSION_FILE} does not say what bundle.json says"


def _check_interpreter(bundle: Path, manifest: Manifest) -> Iterator[str]:
    if not manifest.python.version.startswith(f"{PYTHON_SERIES}."):
        yield f"bundle.json says CPython {manifest.python.version}, not {PYTHON_SERIES}"
    check_layout(bundle / BUNDLE_PYTHON, TARGETS[manifest.target])


def _check_distributions(bundle: Path, manifest: Manifest) -> Iterator[str]:
    packages = bundle / BUNDLE_PACKAGES
    found = list(importlib.metadata.distributions(path=[str(packages)]))
    if len(found) != manifest.requirements.count:
        yield f"{len(found)} are there, bundle.json says {manifest.requirements.count}"
    records = read_records(packages)
    for info in sorted(path.name for path in packages.glob("*.dist-info")):
        if not records.get(info):
            yield f"{info} has no list of its files"
    for info, path in differing_files(packages, records):
        yield f"{info}: {path} is missing or has another content"
    yield from _foreign_modules(packages, TARGETS[manifest.target])


def _foreign_modules(packages: Path, target: Target) -> Iterator[str]:
    """Name extension modules that the target's CPython would find and could not load.

    Other native files are a package's own business: some bring programs for every system.
    """
    suffix = _EXTENSION_SUFFIXES[target.system]
    for path in sorted(packages.rglob(f"*{suffix}")):
        binary = read_binary(path)
        if binary and (binary.system != target.system or target.machine not in binary.machines):
            made_for = f"{binary.system} on {', '.join(sorted(binary.machines))}"
            yield f"{path.relative_to(packages.parent).as_posix()} is made for {made_for}"


def _check_bytecode(bundle: Path, _: Manifest) -> Iterator[str]:
    """Every project and package module has its bytecode, and none of it looks at its source."""
    for part in (BUNDLE_PYTHON, BUNDLE_PACKAGES, BUNDLE_APP):
        for pyc in (bundle / part).rglob(f"__pycache__/*{_PYC_SUFFIX}"):
            with pyc.open("rb") as stream:
                _, flags = struct.unpack("<4sI", stream.read(8))
            if flags != _UNCHECKED_HASH:
                yield f"{pyc.relative_to(bundle).as_posix()} would be checked against its source"
    for part in (BUNDLE_APP, BUNDLE_PACKAGES / "djdesk_runtime"):
        for source in (bundle / part).rglob("*.py"):
            pyc = source.parent / "__pycache__" / f"{source.stem}{_PYC_SUFFIX}"
            if not pyc.is_file():
                yield f"{source.relative_to(bundle).as_posix()} has no bytecode"


def _check_project(bundle: Path, manifest: Manifest) -> Iterator[str]:
    module = Path(*manifest.settings_module.split("."))
    roots = [bundle / root for root in manifest.source_roots]
    if not any(
        (root / module).with_suffix(".py").is_file() or (root / module / "__init__.py").is_file()
        for root in roots
    ):
        yield f"{manifest.settings_module} is in none of {', '.join(manifest.source_roots)}"
    if not (bundle / BUNDLE_STATIC / "staticfiles.json").is_file():
        yield "static/staticfiles.json is missing"


def _check_absent(bundle: Path, _: Manifest) -> Iterator[str]:
    for part in (BUNDLE_APP, BUNDLE_STATIC):
        for path in (bundle / part).rglob("*"):
            secret = secret_reason(path) or (private_key_reason(path) if path.is_file() else "")
            if secret:
                yield f"{path.relative_to(bundle).as_posix()} may not be in a bundle: {secret}"


_CHECKS: Mapping[str, Callable[[Path, Manifest], Iterator[str]]] = {
    "every file has its digest": _check_digests,
    "VERSION and bundle.json agree": _check_version,
    "interpreter of the right shape": _check_interpreter,
    "every distribution is whole": _check_distributions,
    "bytecode is compiled for good": _check_bytecode,
    "project and static files": _check_project,
    "no secrets": _check_absent,
}
