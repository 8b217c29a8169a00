"""The version of a project that does not write it into `[project]`.

Read where its build backend would, as data: from text, by `ast`, or from git. No code of the
project is run. Conventions: setuptools (`attr:`, `file:`, setup.cfg, setup.py, setuptools-scm),
hatchling (and hatch-vcs), flit, pdm-backend, poetry.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from build_support.errors import ProjectError
from build_support.projects.git import ask_git
from build_support.projects.static_values import find_module, read_attribute
from build_support.projects.texts import read_text, table_at

#: hatchling's own: https://hatch.pypa.io/latest/plugins/version-source/regex/
_HATCH_PATTERN = r"""(?i)^(__version__|VERSION)(?: ?\: ?str)? *= *(['"])v?(?P<version>.+?)\2"""
#: setuptools-scm's own `tag_regex`.
_TAG = re.compile(r"^(?:[\w-]+-)?[vV]?(?P<version>\d+(?:\.\d+)*[^+]*)(?:\+.*)?$")
_DESCRIBED = re.compile(r"^(?P<tag>.+)-(?P<distance>\d+)-g(?P<commit>[0-9a-f]+)$")
_SCM_TOOLS = (
    "setuptools_scm",
    "versioningit",
    "poetry-dynamic-versioning",
    "uv-dynamic-versioning",
)


def find_version(root: Path, document: Mapping[str, Any]) -> str | None:
    """Return the version that the project's build backend would find, or None.

    Raises ProjectError for a file that is named and cannot be read.
    """
    place = _Place(root, document)
    for read in (_hatch, _setuptools, _pdm, _poetry, _flit, _from_git, _setup_cfg, _setup_py):
        if found := read(place):
            return found.strip()
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """A project's folder, and all of its pyproject.toml."""

    root: Path
    document: Mapping[str, Any]

    def table(self, *names: str) -> Mapping[str, Any]:
        """Return a table by its path; empty where there is none."""
        return table_at(self.document, *names)

    def text(self, name: object) -> str:
        """Return the content of a named file. Raises ProjectError when it is not there."""
        file = self.root / str(name)
        try:
            return read_text(file)
        except OSError as error:
            raise ProjectError(
                f"The version of the project is said to be in {file}, which cannot be read.",
                why=error.strerror or str(error),
                hint="Correct that in pyproject.toml, or write the version there.",
            ) from None


def _hatch(place: _Place) -> str | None:
    table = place.table("tool", "hatch", "version")
    if table.get("source") == "vcs":
        return _scm_version(place, table.get("fallback-version"))
    if "path" not in table:
        return None
    if table.get("source") == "code":
        return read_attribute(
            place.root / str(table["path"]), str(table.get("expression", "__version__"))
        )
    pattern = table.get("pattern")
    return _search(
        place.text(table["path"]), pattern if isinstance(pattern, str) else _HATCH_PATTERN
    )


def _setuptools(place: _Place) -> str | None:
    value = place.table("tool", "setuptools", "dynamic").get("version")
    if not isinstance(value, dict):
        return None
    if "attr" in value:
        return _attribute(place, str(value["attr"]))
    files = value.get("file")
    names = files if isinstance(files, list) else [files] if files else []
    return "".join(place.text(name) for name in names) or None


def _pdm(place: _Place) -> str | None:
    table = place.table("tool", "pdm", "version")
    if table.get("source") == "scm":
        return _scm_version(place, table.get("fallback_version"))
    return _search(place.text(table["path"]), _HATCH_PATTERN) if "path" in table else None


def _poetry(place: _Place) -> str | None:
    version = place.table("tool", "poetry").get("version")
    return version if isinstance(version, str) and version != "0.0.0" else None


def _flit(place: _Place) -> str | None:
    if "flit" not in str(place.table("build-system").get("build-backend", "")):
        return None
    name = place.table("tool", "flit", "module").get("name")
    module = name or str(place.table("project").get("name", "")).replace("-", "_")
    return _attribute(place, f"{module}.__version__")


def _from_git(place: _Place) -> str | None:
    for tool in _SCM_TOOLS:
        if tool in place.table("tool"):
            table = place.table("tool", tool)
            return _scm_version(place, table.get("fallback_version"), table)
    requires = place.table("build-system").get("requires", [])
    named = " ".join(map(str, requires)) if isinstance(requires, list) else ""
    if re.search(r"\b(setuptools[-_]scm|hatch-vcs|versioningit|uv-dynamic-versioning)\b", named):
        return _scm_version(place, None)
    return None


def _setup_cfg(place: _Place) -> str | None:
    file = place.root / "setup.cfg"
    if not file.is_file():
        return None
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_text(file))
    except configparser.Error:
        return None
    value = parser.get("metadata", "version", fallback="").strip()
    kind, _, rest = value.partition(":")
    if kind == "attr":
        return _attribute(place, rest.strip())
    return place.text(rest.strip()) if kind == "file" else value or None


def _setup_py(place: _Place) -> str | None:
    file = place.root / "setup.py"
    return read_attribute(file, "setup(version)") if file.is_file() else None


def _attribute(place: _Place, dotted: str) -> str | None:
    """Return the value of `package.module.name`, from `src/` or the folder itself."""
    module, _, name = dotted.rpartition(".")
    where = place.table("tool", "setuptools", "package-dir").get("", "src")
    for folder in dict.fromkeys((place.root / str(where), place.root / "src", place.root)):
        if file := find_module(folder, module):
            return read_attribute(file, name)
    return None


def _search(text: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, text, re.MULTILINE)
    except re.error:
        return None
    return found["version"] if found and "version" in found.groupdict() else None


def _scm_version(
    place: _Place, fallback: object, table: Mapping[str, Any] | None = None
) -> str | None:
    """Return the version of the last tag, or a development version after it."""
    described = ask_git(place.root, "describe", "--tags", "--long", "--match", "*[0-9]*")
    if described and (match := _DESCRIBED.match(described.strip())):
        changed = bool(ask_git(place.root, "status", "--porcelain", "--untracked-files=no"))
        tag = _TAG.match(match["tag"])
        if tag and (
            found := _after(
                tag["version"], int(match["distance"]), match["commit"], changed=changed
            )
        ):
            return found
    for key in ("version_file", "write_to"):
        name = (table or {}).get(key)
        file = place.root / str(name)
        if name and file.is_file():
            for attribute in ("__version__", "version"):
                if found := read_attribute(file, attribute):
                    return found
    return fallback if isinstance(fallback, str) else None


def _after(tagged: str, distance: int, commit: str, *, changed: bool) -> str | None:
    """Return a version as setuptools-scm's `guess-next-dev` does, without a date."""
    try:
        version = Version(tagged)
    except InvalidVersion:
        return None
    if distance == 0 and not changed:
        return str(version)
    if version.pre is None and version.dev is None:
        *first, last = version.release
        following = ".".join(map(str, (*first, last + 1)))
    else:
        letter, number = version.pre or ("", 0)
        following = (
            f"{version.base_version}{letter}{number + 1}" if version.pre else version.base_version
        )
    return f"{following}.dev{distance}+g{commit[:7]}"
