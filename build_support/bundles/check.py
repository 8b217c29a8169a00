"""Stage: a bundle that is made shows its first page to nobody before it takes its place."""

from __future__ import annotations

from pathlib import Path

from build_support.bundles.pages import Finding, Pages, check_pages, explain
from build_support.bundles.project_errors import Copy
from build_support.errors import ProjectError
from build_support.projects.project import Project
from build_support.reporter import Reporter
from build_support.target import Target, host_target
from build_support.trees.folders import BUNDLE_APP

_HINT = "Correct that in the project, and build again."
_TITLE = "Check the pages"


def check_built(
    project: Project, bundle: Path, target: Target, scratch: Path, reporter: Reporter
) -> None:
    """Let a bundle for this machine ask for its own pages, and tell what is wrong with them.

    `scratch` is a folder for passing use that is not there yet. Raises ProjectError when the
    application does not start or its first page is a server error.
    """
    if target != host_target():
        reporter.note(f"Its pages were not asked for: the bundle is for {target}.")
        return
    scratch.mkdir(parents=True)
    with reporter.step(_TITLE):
        pages = check_pages(bundle, scratch=scratch)
        if pages.broken is not None:
            raise _broken_error(project, bundle, pages, pages.broken)
    _tell(pages, reporter)


def _tell(pages: Pages, reporter: Reporter) -> None:
    for note in pages.notes():
        reporter.note(f"not tried  {note}")
    warnings = pages.warnings()
    for warning in warnings:
        reporter.warning(warning)
    if warnings and (log := pages.write_log(_TITLE)):
        reporter.note(f"tracebacks  {log}")


def _broken_error(project: Project, bundle: Path, pages: Pages, broken: Finding) -> ProjectError:
    what = {
        "start": f"{project.name} does not start.",
        "migrate": f"{project.name} cannot make the database of a new user.",
    }.get(broken.kind, f"The first page of {project.name}, {broken.subject}, is a server error.")
    copy = Copy(project, bundle / BUNDLE_APP)
    told = copy.explain(broken.traceback or broken.reason, hint=_HINT)
    why = copy.in_project(explain(broken, copy.own))
    if "not in the bundle" in told.why:
        why += f"\n{told.why.splitlines()[-1]}"
    return ProjectError(what, why=why, hint=told.hint, log=pages.write_log(_TITLE))
