"""A made-up manifest of a package, and what else packages are made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from build_support.icons.make import DEFAULT_DRAWING, Icons
from build_support.packages.configuration import Ingredients
from build_support.packages.electrons import PackagedElectron
from build_support.packages.manifest import PackagedBundle, PackageManifest
from build_support.projects.publication import Publication
from build_support.target import TARGETS
from tests.unit.build_support.projects.made_project import made_project

PUBLICATION = Publication(
    slug="notes",
    version="1.0.0",
    description="Keeps notes",
    author="Zoë",
    email="zoe@example.org",
    homepage="https://example.org",
    licence="MIT",
    icon=DEFAULT_DRAWING,
)
MANIFEST = PackageManifest(
    name="Notes",
    identifier="org.example.notes",
    version="1.0.0",
    target="linux-x86_64",
    rehearsal=False,
    release=True,
    signed=False,
    electron="45.4.1",
    bundle=PackagedBundle(True, "abc1234", {"VERSION": "0" * 64}),
    built_with={"djdesk": "0.1.0"},
)


def manifest(**changes: Any) -> PackageManifest:  # noqa: ANN401 - any of its fields
    return replace(MANIFEST, **changes)


def ingredients(target: str, *, electron: str = "45.4.1", rehearsal: Path | None) -> Ingredients:
    return Ingredients(
        project=made_project(Path("/project")),
        publication=PUBLICATION,
        target=TARGETS[target],
        stem=f"notes-1.0.0-{target}",
        electron=PackagedElectron(Path("/electron"), electron, ""),
        icons=Icons(Path("/i.ico"), Path("/i.icns"), Path("/icons")),
        bundle=Path("/bundle"),
        about=Path("/about"),
        rehearsal=rehearsal,
    )
