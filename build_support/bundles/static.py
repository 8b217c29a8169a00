"""Stage: `collectstatic` with hashed names and compressed copies, as the runtime serves them.

It runs on this machine's own 3.14 with this machine's own wheels, also when the bundle is
for another system: static files are the same everywhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from build_support.bundles.manifest import Manifest, write_manifest
from build_support.bundles.project_errors import Copy
from build_support.bundles.runtime import LAUNCHER_FILE, copy_runtime
from build_support.bundles.settings_paths import check_settings_paths, read_settings_paths
from build_support.bundles.static_defects import read_report, report_defects
from build_support.errors import ProjectError, ToolError
from build_support.processes import run
from build_support.projects.project import Project
from build_support.reporter import Reporter
from build_support.trees.folders import BUNDLE_PACKAGES

_TIME_LIMIT = 600.0
_HINT = "Correct that in the project, and build again."
_STATIC_MANIFEST = "staticfiles.json"
#: What a project may read while it is imported, and nothing else of the environment.
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT")
#: Where a killed collectstatic leaves its temporary files; the next build removes them.
_TEMPORARY_VARIABLES = ("TEMP", "TMP", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What collectstatic runs with: an interpreter and packages of this machine."""

    executable: Path
    packages: Path


def collect_static(
    project: Project,
    manifest: Manifest,
    app: Path,
    destination: Path,
    *,
    workshop: Workshop,
    scratch: Path,
    reporter: Reporter,
) -> None:
    """Collect the static files of the project in `app` into `destination`.

    Files that the settings name are looked for in the bundle as well.
    `manifest` is that of the bundle being made; `scratch` is an empty folder for passing
    use. Warns of defects in files that are not the project's own. Raises ProjectError with the
    reason, file and line when the settings cannot be imported or collectstatic fails, for folders
    that the settings name and that are not shipped, and for defects in the project's own files
    that its own storage would not take.
    """
    launcher = _lay_out(scratch, project, manifest, app, workshop)
    destination.mkdir(parents=True, exist_ok=True)
    report = scratch / "static-files.json"

    named = scratch / "settings-paths.json"
    command: list[str | Path] = [workshop.executable, "-I", "-B", "-X", "utf8", launcher]
    command += ["collect-static", "--report", report, "--settings-paths", named]
    try:
        run(
            command,
            doing="Collecting the project's static files",
            environment=_environment(destination, scratch),
            folder=app,
            timeout=_TIME_LIMIT,
        )
    except ToolError as error:
        # A style sheet that refers to a folder that was not shipped fails for that reason.
        if named.is_file():
            check_settings_paths(project, app, read_settings_paths(named), reporter)
        told = Copy(project, app).explain(error.output or error.why, hint=_HINT)
        raise ProjectError(error.what, why=told.why, hint=told.hint, log=error.log) from None
    check_settings_paths(project, app, read_settings_paths(named), reporter)
    report_defects(read_report(report), Copy(project, app), workshop.packages, reporter)
    _sort_manifest(destination / _STATIC_MANIFEST)


def _lay_out(
    scratch: Path, project: Project, manifest: Manifest, app: Path, workshop: Workshop
) -> Path:
    """Make `scratch` look like a bundle to the launcher, and return the launcher.

    A path file stands for the project and the packages, because not every system lets
    everybody make links, and copying them would take longer than collecting.
    """
    packages = scratch / BUNDLE_PACKAGES
    copy_runtime(scratch, packages)
    paths = f"{workshop.packages}\n{app / project.source_root}\n"
    (packages / "workshop.pth").write_text(paths, encoding="utf-8")
    write_manifest(replace(manifest, source_roots=(BUNDLE_PACKAGES.as_posix(),)), scratch)
    return scratch / LAUNCHER_FILE


def _environment(destination: Path, scratch: Path) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    temporary = dict.fromkeys(_TEMPORARY_VARIABLES, str(scratch))
    return {**kept, **temporary, "DJDESK_STATIC_ROOT": str(destination)}


def _sort_manifest(file: Path) -> None:
    """Write the manifest of hashed names in a fixed order; Django keeps the order it met them."""
    if not file.is_file():
        return
    document = json.loads(file.read_text(encoding="utf-8"))
    document["paths"] = dict(sorted(document["paths"].items()))
    file.write_text(json.dumps(document, sort_keys=True), encoding="utf-8", newline="\n")
