"""Whether a folder of packages may be published: the last step before it is, on any machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from build_support import digest
from build_support.errors import VerificationError
from build_support.packages.checksums import SUMS_FILE, check_sums
from build_support.packages.manifest import BESIDE_SUFFIX, PackageManifest, read_package_manifest
from build_support.packages.products import show, unlisted, write_all_sums
from build_support.reporter import Reporter
from build_support.sbom.bill import SBOM_FILE, check_bill


def check_packages(folder: Path, reporter: Reporter) -> None:
    """Check all packages in a folder, and write one list of checksums for them.

    Raises VerificationError that names everything for which they may not be published.
    """
    manifests = {
        file: read_package_manifest(file) for file in sorted(folder.glob(f"*{BESIDE_SUFFIX}"))
    }
    problems = [problem for item in manifests.items() for problem in _problems(*item)]
    problems += together(tuple(manifests.values()))
    problems += [f"{name} belongs to none of them." for name in unlisted(folder)]
    if problems:
        raise VerificationError(
            f"The packages in {folder} may not be published.",
            why="\n".join(problems),
            hint="Make them with --release, all from one commit.",
        )
    sums = write_all_sums(folder)
    check_sums(sums)
    files = [folder / each.file for manifest in manifests.values() for each in manifest.files]
    show(files, sums, reporter)
    reporter.success(f"They may be published; {SUMS_FILE} is written.")


def together(manifests: Sequence[PackageManifest]) -> list[str]:
    """Return why some packages are not one release. Pure."""
    if not manifests:
        return ["There are none."]
    kinds = {
        "applications": {manifest.identifier for manifest in manifests},
        "versions": {manifest.version for manifest in manifests},
        "commits": {manifest.bundle.revision for manifest in manifests},
    }
    found = [
        f"They are of several {what}: {', '.join(sorted(values))}."
        for what, values in kinds.items()
        if len(values) > 1
    ]
    targets = [manifest.target for manifest in manifests]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    return found + [f"There are several for {target}." for target in twice]


def of_one(manifest: PackageManifest) -> list[str]:
    """Return why a package may not be published. Pure."""
    reasons = {
        "it is a rehearsal": manifest.rehearsal,
        "it was not made by --release": not manifest.release,
        "its interpreter may not be given to others": not manifest.bundle.redistributable,
        "it was made from files that are not committed": manifest.bundle.revision.endswith("+"),
        "it has no bill of materials": not any(
            each.file.endswith(SBOM_FILE) for each in manifest.files
        ),
    }
    return [reason for reason, holds in reasons.items() if holds]


def _problems(file: Path, manifest: PackageManifest) -> list[str]:
    problems = [f"{file.name}: {reason}." for reason in of_one(manifest)]
    for each in manifest.files:
        path = file.parent / each.file
        if Path(each.file).name != each.file or not path.is_file():
            problems.append(f"{each.file} is missing.")
        elif path.stat().st_size != each.size or digest.of_file(path) != each.sha256:
            problems.append(f"{each.file} has changed.")
        elif each.file.endswith(SBOM_FILE):
            check_bill(path.read_text(encoding="utf-8"))
    return problems
