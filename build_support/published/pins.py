"""The interpreter archives that are used, pinned in one data file: version, names, SHA-256."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from build_support import ROOT
from build_support.errors import ProjectError
from build_support.published import urls
from build_support.target import PYTHON_SERIES, TARGETS, Target

PINS_FILE = ROOT / "build_support" / "data" / "python-build-standalone.json"

_VERSION = re.compile(re.escape(PYTHON_SERIES) + r"\.\d{1,3}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# One path component of a URL and of every file system: no separator, no leading dot.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}")


@dataclass(frozen=True, slots=True)
class Pin:
    """One archive: what it is for, what it is called and what its bytes have to be."""

    target: str
    python_version: str
    release: str
    triple: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Pins:
    """The whole data file. `sources` are URL prefixes, asked in this order."""

    path: Path
    python_version: str
    release: str
    flavor: str
    index: str
    sources: tuple[str, ...]
    assets: Mapping[str, Pin]

    def pin_for(self, target: Target) -> Pin:
        """Return the pin of a target. Raises ProjectError when the file has none for it."""
        try:
            return self.assets[target.name]
        except KeyError:
            raise ProjectError(
                f"{self.path} pins no interpreter for {target.name}.",
                why=f"It has: {', '.join(sorted(self.assets)) or 'none at all'}.",
                hint=f"Add {target.name} to its assets, or choose another target.",
            ) from None


def load_pins(path: Path = PINS_FILE) -> Pins:
    """Read and check a pins file. Raises ProjectError that names the file and the field."""
    fields = _Fields(path, read_document(path), "")
    version = fields.text("python_version", _VERSION, f"a version of CPython {PYTHON_SERIES}")
    release = fields.text("release", _NAME, "a release tag such as 20261110")
    assets: dict[str, Pin] = {}
    for name, values in fields.mapping("assets").items():
        if name not in TARGETS:
            fields.fail(f"assets.{name}", f"is none of {', '.join(TARGETS)}")
        asset = _Fields(path, values, f"assets.{name}.")
        assets[name] = Pin(
            target=name,
            python_version=version,
            release=release,
            triple=asset.text("triple", _NAME, "a target triple"),
            file=asset.text("file", _NAME, "a file name without separators"),
            sha256=asset.text("sha256", _SHA256, "64 lower-case hexadecimal digits"),
        )
    return Pins(
        path=path,
        python_version=version,
        release=release,
        flavor=fields.text("flavor", _NAME, "a flavor such as install_only_stripped"),
        index=fields.url("index", fields.values.get("index")),
        sources=fields.sources(),
        assets=assets,
    )


def read_document(path: Path) -> dict[str, object]:
    """Return the JSON object in a pins file. Raises ProjectError when there is none."""
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProjectError(
            f"The pins file {path} cannot be read.", why=error.strerror or str(error)
        ) from None
    except ValueError as error:
        raise ProjectError(f"The pins file {path} is not JSON.", why=str(error)) from None
    if not isinstance(document, dict):
        raise ProjectError(f"The pins file {path} does not hold a JSON object.")
    return document


class _Fields:
    """The values of one JSON object, each asked for by name and checked."""

    def __init__(self, path: Path, values: object, prefix: str) -> None:
        self._path = path
        self._prefix = prefix
        if not isinstance(values, dict):
            self.fail(prefix.rstrip("."), "has to be an object")
        self.values: Mapping[str, object] = values

    def fail(self, name: str, problem: str) -> NoReturn:
        raise ProjectError(
            f"The pins file {self._path} is wrong: {name} {problem}.",
            hint=f"Compare it with {PINS_FILE.name}, which is part of DJDesk.",
        )

    def text(self, name: str, pattern: re.Pattern[str], description: str) -> str:
        value = self.values.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self.fail(f"{self._prefix}{name}", f"has to be {description}, not {value!r}")
        return value

    def mapping(self, name: str) -> Mapping[str, object]:
        value = self.values.get(name)
        if not isinstance(value, dict):
            self.fail(name, "has to be an object")
        return value

    def url(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            self.fail(name, "has to be a URL")
        if problem := urls.complaint(value):
            self.fail(name, f"({urls.redacted(value)}) cannot be used: {problem}")
        return value

    def sources(self) -> tuple[str, ...]:
        value = self.values.get("sources")
        if not isinstance(value, list) or not value:
            self.fail("sources", "has to be a list of at least one URL")
        return tuple(self.url(f"sources[{number}]", url) for number, url in enumerate(value))
