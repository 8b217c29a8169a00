"""The session `run`: the bundle of this machine in a window, or in the browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from build_support.bundles.manifest import Manifest, read_manifest
from build_support.bundles.serve import launch_command
from build_support.bundles.summary import announce
from build_support.cache import open_cache
from build_support.desktop.display import check_display
from build_support.desktop.electron import ElectronWish, find_electron
from build_support.desktop.icon import icon_variables_of_bundle
from build_support.desktop.server import run_server
from build_support.desktop.window import run_window
from build_support.errors import UsageError
from build_support.reporter import Reporter
from build_support.target import TARGETS, host_target


def run_in_window(
    bundle: Path,
    *,
    data_dir: Path | None,
    wish: ElectronWish,
    reporter: Reporter,
    project: Path | None = None,
) -> None:
    """Open a bundle in Electron until its window closes; with the icon of its *project*'s folder.

    Raises VerificationError when there is no bundle, UsageError when it is for another
    system or there is no screen, and what `find_electron` and `run_window` raise.
    """
    announce(check_runs_here(bundle), bundle, reporter)
    check_display("run", os.environ, sys.platform)
    electron = find_electron(wish, cache=open_cache(), reporter=reporter)
    reporter.note(f"Electron {electron.version}; closing the window, or Ctrl-C, ends it.")
    words = [f"--data-dir={data_dir}"] if data_dir else []
    identifier = read_manifest(bundle).app.identifier
    variables = icon_variables_of_bundle(identifier, project, open_cache())
    run_window(electron.command(*words), {"DJDESK_BUNDLE": str(bundle), **variables})


def run_in_browser(
    bundle: Path, *, data_dir: Path | None, port: int, opening: bool, reporter: Reporter
) -> None:
    """Serve a bundle until Ctrl-C; the one-time link is printed, and opened if wished.

    `port` 0 is the port of last time, else any free one. Raises VerificationError when
    there is no bundle, UsageError when it is for another system, and what `run_server`
    raises.
    """
    announce(check_runs_here(bundle), bundle, reporter)
    command = [*launch_command(bundle), "serve", "--shell"]
    command += ["--data-dir", str(data_dir)] if data_dir else []
    command += ["--port", str(port)] if port else []
    command += ["--open-browser"] if opening else []
    run_server(command, {}, reporter=reporter)


def check_runs_here(bundle: Path) -> Manifest:
    """Make sure that a bundle is one, and for this machine; return its manifest."""
    manifest = read_manifest(bundle)
    target = TARGETS[manifest.target]
    if target != host_target():
        raise UsageError(
            f"The bundle in {bundle} is for {target}, and this machine is {host_target()}.",
            hint="Make one for this machine: nox -s bundle",
        )
    return manifest
