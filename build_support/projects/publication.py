"""What installers and shops say of an application, as its own pyproject.toml has it.

Besides [tool.djdesk] these are standard fields of [project]: description, authors, urls,
license. A bundle does not depend on any of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from build_support.errors import ProjectError
from build_support.icons.make import DEFAULT_DRAWING
from build_support.projects.project import Project
from build_support.trees.portable_names import slug

_HOMEPAGE_LABELS = ("homepage", "home", "website", "repository", "source")
#: Numbers of a version as npm and Windows know it.
_NUMBERS = 3
_STAGES = {"a": "alpha", "b": "beta", "rc": "rc"}


@dataclass(frozen=True, slots=True)
class Publication:
    """What is not known is empty. `slug` names files, `version` is one of semver."""

    slug: str
    version: str
    description: str
    author: str
    email: str
    homepage: str
    licence: str
    icon: Path

    @property
    def maintainer(self) -> str:
        """Who answers for a Linux package, as `Name <address>`; empty when that is not known."""
        return f"{self.author} <{self.email}>" if self.author and self.email else ""


def load_publication(project: Project) -> Publication:
    """Read the fields. Raises ProjectError for a wrong value or a version that has no semver."""
    file = project.root / "pyproject.toml"
    metadata = project.metadata
    table = project.document["tool"]["djdesk"]
    author, email = _author(metadata)
    return Publication(
        slug=slug(project.name, project.identifier),
        version=semantic_version(project.version),
        description=_text(metadata.get("description")),
        author=author,
        email=email,
        homepage=_homepage(metadata),
        licence=_licence(metadata.get("license")),
        icon=_icon(project.root, file, table.get("icon")),
    )


def semantic_version(text: str) -> str:
    """Return a version of PEP 440 as one of semver: 1.2rc1 becomes 1.2.0-rc.1.

    Raises ProjectError for one that says more than semver and Windows can.
    """
    version = Version(text)
    if len(version.release) > _NUMBERS or version.epoch or version.post is not None:
        raise ProjectError(
            f"The version {text} cannot be that of a package.",
            why="Installers know three numbers and a pre-release, no epoch and no post-release.",
            hint="Write it as in 1.2.3 or 1.2.3rc1.",
        )
    numbers = (*version.release, 0, 0)[:_NUMBERS]
    stages = [f"{_STAGES[version.pre[0]]}.{version.pre[1]}"] if version.pre else []
    stages += [f"dev.{version.dev}"] if version.dev is not None else []
    local = f"+{version.local}" if version.local else ""
    stage = f"-{'.'.join(stages)}" if stages else ""
    return ".".join(map(str, numbers)) + stage + local


def _author(metadata: Mapping[str, Any]) -> tuple[str, str]:
    authors = metadata.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else {}
    if not isinstance(first, dict):
        return "", ""
    return _text(first.get("name")), _text(first.get("email"))


def _homepage(metadata: Mapping[str, Any]) -> str:
    urls = metadata.get("urls")
    found = {str(key).lower(): _text(value) for key, value in urls.items()} if urls else {}
    return next((found[label] for label in _HOMEPAGE_LABELS if found.get(label)), "")


def _licence(value: object) -> str:
    return _text(value.get("text") if isinstance(value, dict) else value)


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _icon(root: Path, file: Path, value: object) -> Path:
    if value is None:
        return DEFAULT_DRAWING
    icon = root / value if isinstance(value, str) else root
    if not icon.is_file() or not icon.resolve().is_relative_to(root.resolve()):
        raise ProjectError(
            f"{file}: [tool.djdesk] icon = {value!r} is no file of the project.",
            hint="Name an SVG or PNG file, relative to the project's folder.",
        )
    return icon
