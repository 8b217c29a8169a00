"""Put checked packages into a draft of a release on GitHub: the session `draft-release`.

A draft is seen by the project's own people only, who read it and publish it by hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from build_support.errors import ProjectError
from build_support.packages.checkout import Checkout
from build_support.packages.checksums import SUMS_FILE, read_sums
from build_support.packages.manifest import (
    BESIDE_SUFFIX,
    PackageManifest,
    read_package_manifest,
)
from build_support.signing.commands import Command, Runner

CHANGELOG = "CHANGELOG.md"

_HEADING = re.compile(r"^## +\[?v?([^\s\]:]+)", re.MULTILINE)
_HINT = (
    "gh is GitHub's own command (https://cli.github.com); it must be logged in, or have GH_TOKEN, "
    "and a draft of this name must not be there."
)


def draft_release(folder: Path, project: Path, checkout: Checkout, runner: Runner) -> str:
    """Make a draft of a release of what `check_packages` found good; return what gh says.

    Raises ProjectError when the commit has no tag of the packages' version, ToolError when gh
    is missing or fails.
    """
    manifests = [read_package_manifest(file) for file in sorted(folder.glob(f"*{BESIDE_SUFFIX}"))]
    manifest = manifests[0]
    changelog = project / CHANGELOG
    notes = notes_of(changelog.read_text("utf-8"), manifest.version) if changelog.is_file() else ""
    files = [folder / name for name in (*read_sums(folder / SUMS_FILE), SUMS_FILE)]
    return runner(command(manifest, tag_of(checkout, manifest.version), notes, files)).strip()


def tag_of(checkout: Checkout, version: str) -> str:
    """Return the commit's tag for a version. Raises ProjectError when there is none."""
    for tag in (f"v{version}", version):
        if tag in checkout.tags:
            return tag
    raise ProjectError(
        f"The commit has no tag for the version {version}.",
        why=f"Its tags: {', '.join(checkout.tags) or 'none'}.",
        hint=f"git tag v{version} && git push origin v{version}",
    )


def notes_of(changelog: str, version: str) -> str:
    """Return what a changelog says of a version, without the heading; empty if nothing."""
    headings = list(_HEADING.finditer(changelog))
    for heading, following in zip_longest(headings, headings[1:]):
        if heading[1] == version:
            line_end = changelog.find("\n", heading.end())
            end = following.start() if following else len(changelog)
            return changelog[line_end:end].strip() if line_end != -1 else ""
    return ""


def command(manifest: PackageManifest, tag: str, notes: str, files: Sequence[Path]) -> Command:
    """Return gh's words for a draft. Without notes of ours, GitHub lists the changes."""
    words = ["gh", "release", "create", tag, "--draft", "--verify-tag"]
    words += ["--title", f"{manifest.name} {manifest.version}"]
    words += ["--notes-file", "-"] if notes else ["--generate-notes"]
    # semver: a version with a hyphen comes before the one without.
    words += ["--prerelease"] if "-" in manifest.version else []
    words += map(str, files)
    return Command(tuple(words), doing="Drafting the release", hint=_HINT, script=notes)
