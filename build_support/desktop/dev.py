"""The session `dev` (option A): Electron around Django's own server on the source tree."""

from __future__ import annotations

import json
import os
import re
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT
from build_support.bundles import interpreter
from build_support.bundles.interpreter import Wish
from build_support.cache import Cache, open_cache
from build_support.desktop import dev_server
from build_support.desktop.display import check_display
from build_support.desktop.electron import ElectronWish, find_electron
from build_support.desktop.icon import icon_variables
from build_support.desktop.server import run_server
from build_support.desktop.window import run_window
from build_support.environments import make_environment
from build_support.errors import ProjectError, ToolError
from build_support.processes import run
from build_support.projects.distribution import write_distribution
from build_support.projects.project import Project
from build_support.reporter import Reporter
from build_support.target import PYTHON_SERIES

_DEV_SERVER = Path(dev_server.__file__)
#: Keeps the window's own files apart from those of the installed application.
_SUFFIX = ".dev"
#: A line of `showmigrations --plan`; the project may print others.
_PLANNED = re.compile(r"^\[([ X])\]  \S+\.\S+", re.MULTILINE)
_APPLIED = "X"


@dataclass(frozen=True, slots=True)
class Workplace:
    """A project's source tree, and the Python that has its locked dependencies."""

    project: Project
    python: Path

    @property
    def command(self) -> list[str]:
        """The words that start the development server, in the project's folder."""
        return [str(self.python), "-P", "-X", "utf8", str(_DEV_SERVER)]


def prepare_workplace(project: Project, wish: Wish, reporter: Reporter) -> Workplace:
    """Make the environment of a project: the fetched CPython with the project's lock.

    A database that was never migrated is made as well. Raises ProjectError when the
    project has no manage.py, and what `prepare_own` and `make_environment` raise.
    """
    if not (project.root / "manage.py").is_file():
        raise ProjectError(
            f"There is no manage.py in {project.root}.",
            why="`nox -s dev` runs Django's own server, and that starts with it.",
        )
    python = _environment(project, wish, open_cache(), reporter)
    _make_database(project, python, reporter)
    return Workplace(project, python)


def check_window() -> None:
    """Make sure that a window can be shown, before anything is prepared for it."""
    check_display("dev", os.environ, sys.platform)


def dev_in_window(workplace: Workplace, *, wish: ElectronWish, reporter: Reporter) -> None:
    """Open the source tree in Electron until its window closes.

    Raises what `find_electron` and `run_window` raise.
    """
    electron = find_electron(wish, cache=open_cache(), reporter=reporter)
    reporter.note(f"Electron {electron.version}; closing the window, or Ctrl-C, ends it.")
    variables = icon_variables(workplace.project, open_cache())
    run_window(electron.command("--dev"), {"DJDESK_DEV_SERVER": describe(workplace), **variables})


def dev_in_browser(workplace: Workplace, *, port: int, opening: bool, reporter: Reporter) -> None:
    """Serve the source tree until Ctrl-C. Raises what `run_server` raises."""
    run_server(
        workplace.command,
        {"port": port},
        reporter=reporter,
        folder=workplace.project.root,
        opener=webbrowser.open if opening else None,
    )


def describe(workplace: Workplace) -> str:
    """Return the value of DJDESK_DEV_SERVER: what the shell starts in place of a bundle."""
    project = workplace.project
    document: Mapping[str, object] = {
        "command": workplace.command,
        "cwd": str(project.root),
        "name": f"{project.name} (development)",
        "identifier": f"{project.identifier}{_SUFFIX}",
        "version": project.version,
        "permissions": list(project.desktop.permissions),
        "support": project.desktop.support or "",
    }
    return json.dumps(document)


def _environment(project: Project, wish: Wish, cache: Cache, reporter: Reporter) -> Path:
    _, python = interpreter.prepare_own(wish, cache=cache, reporter=reporter)
    name = "dev" if project.root == ROOT else f"dev-{project.identifier}"
    with reporter.step("Prepare the project's environment"):
        executable = make_environment(ROOT / ".nox" / name, python, project.lock)
        # As an editable install would, so that the project's code finds its own metadata.
        write_distribution(project, _site_packages(executable), {})
        return executable


def _site_packages(executable: Path) -> Path:
    """Return the folder of an environment's packages."""
    environment = executable.parent.parent
    library = "Lib" if os.name == "nt" else f"lib/python{PYTHON_SERIES}"
    return environment / library / "site-packages"


def _make_database(project: Project, python: Path, reporter: Reporter) -> None:
    """Migrate a database that has nothing in it yet, so that the first page is one.

    Of any other, Django's server says itself what is not applied: whether to do that is
    the developer's decision.
    """
    manage: list[str | Path] = [python, "-X", "utf8", project.root / "manage.py"]
    try:
        question = [*manage, "showmigrations", "--plan"]
        plan = run(question, doing="Asking", folder=project.root, logged=False)
    except ToolError:
        return  # a mistake in the project, which its server shows better
    if plan.strip() and _APPLIED not in _PLANNED.findall(plan):
        with reporter.step("Make the development database"):
            run(
                [*manage, "migrate", "--no-input"],
                doing="Making the development database",
                folder=project.root,
            )
