"""How a bundle's launcher is started: what the shell, the checks and the sessions agree on."""

from __future__ import annotations

from pathlib import Path

from build_support.bundles.manifest import read_manifest
from build_support.bundles.runtime import LAUNCHER_FILE
from build_support.target import TARGETS
from build_support.trees.folders import BUNDLE_PYTHON


def launch_command(bundle: Path) -> list[str]:
    """Return the words that start a bundle's launcher with its own interpreter, alone.

    `-I` keeps the user's environment and site-packages out, `-B` keeps the bundle
    unwritten, `disable-remote-debug` closes PEP 768's door.
    """
    target = TARGETS[read_manifest(bundle).target]
    python = bundle / BUNDLE_PYTHON / target.layout.executable
    flags = ["-I", "-B", "-X", "utf8", "-X", "disable-remote-debug"]
    return [str(python), *flags, str(bundle / LAUNCHER_FILE)]
