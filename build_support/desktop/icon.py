"""The project's icon, for a window that is not of a package: those have it as a resource."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from build_support.cache import Cache
from build_support.errors import BuildError
from build_support.icons.make import make_icons
from build_support.projects.project import Project, load_project
from build_support.projects.publication import load_publication

#: Tells the shell where the picture is: electron/lib/shell/icon.js.
VARIABLE = "DJDESK_ICON"


def icon_variables(project: Project, cache: Cache) -> Mapping[str, str]:
    """Return the environment variable that tells the shell where the project's icon is.

    Nothing where its icon cannot be made: the packaging sessions say why, and a window opens
    without.
    """
    try:
        return {VARIABLE: str(make_icons(load_publication(project).icon, cache).shown)}
    except BuildError:
        return {}


def icon_variables_of_bundle(
    identifier: str, folder: Path | None, cache: Cache
) -> Mapping[str, str]:
    """Return the same for a bundle, if it is the one of the project in *folder*."""
    if folder is None:
        return {}
    try:
        project = load_project(folder)
    except BuildError:
        return {}
    return icon_variables(project, cache) if project.identifier == identifier else {}
