"""Start finished packages as their users do, and see them work: the session `smoke`.

Each application takes its own smoke test (electron/lib/shell/smoke_test.js): it checks every
file of its bundle, shows its first page to nobody, writes into its database and ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build_support import ROOT
from build_support.desktop import display, window
from build_support.errors import BuildError, VerificationError
from build_support.packages.checksums import SUMS_FILE, check_sums
from build_support.packages.formats import FOLDER, FORMATS, Format, choose_formats
from build_support.packages.manifest import (
    BESIDE_SUFFIX,
    PackageManifest,
    read_package_manifest,
)
from build_support.packages.opening import INSTALLER, OPENERS, Application, Opened
from build_support.reporter import Reporter
from build_support.target import host_target
from build_support.tracebacks import explain_output
from build_support.trees.folders import remove_tree
from build_support.trees.portable_names import slug

#: Where the applications' own reports are kept.
REPORTS = ROOT / "build" / "smoke"

#: The application's own limit, which a virus scanner at work can need; and ours, for its end.
_SECONDS = 180
_END_SECONDS = 60
#: Of the start's phases, those that are shown: milliseconds since the process began.
_SHOWN_PHASES = ("ready", "serving", "page", "written", "end")


@dataclass(frozen=True, slots=True)
class Package:
    """A finished package for this machine, of a format."""

    path: Path
    kind: str
    manifest: PackageManifest


def smoke_packages(
    folder: Path,
    formats: Sequence[str] | None,
    *,
    install: bool,
    environment: Mapping[str, str],
    reporter: Reporter,
) -> None:
    """Start every package for this machine that is in a folder, and show how each fared.

    `formats`: only these. `install`: also those that can only be installed, and are
    uninstalled afterwards. Raises VerificationError when one of them fails or none is there,
    UsageError where there is no screen.
    """
    screen = display.screen_command(environment, sys.platform)
    packages = find_packages(folder, formats)
    check_sums(folder / SUMS_FILE)
    remove_tree(REPORTS)
    REPORTS.mkdir(parents=True)
    rows, problems = [], []
    told: set[str] = set()
    for package in packages:
        if package.kind == INSTALLER and not install:
            reporter.warning(f"{package.path.name} was not started: say --install for that.")
            continue
        try:
            with reporter.step(f"Start {package.path.name}"):
                report = _start(package, screen, environment, told, reporter)
        except BuildError as error:
            reporter.error(error)
            problems.append(f"{package.path.name}: {error.what}")
        else:
            rows.append(_row(package, report))
            for warning in report.get("warnings", ()):
                reporter.warning(f"{package.path.name}: {warning}")
    if problems:
        raise VerificationError("Not every package works.", why="\n".join(problems))
    if not rows:
        raise VerificationError(
            "No package was started.", hint="Name formats that are unpacked, or say --install."
        )
    reporter.table(("package", *(f"{phase} ms" for phase in _SHOWN_PHASES)), rows)
    reporter.success(f"They work; what they say of themselves is in {REPORTS}")


def find_packages(folder: Path, formats: Sequence[str] | None) -> list[Package]:
    """Return the packages for this machine in a folder, of all formats or of some.

    Raises UsageError for a format that this system does not have, VerificationError when there
    is no package, or none of a format that is asked for.
    """
    target = host_target()
    kinds = tuple(FORMATS[target.system].values())
    if formats is not None:
        kinds = choose_formats(target.system, formats, rehearse=False)
    found = [
        package
        for file in sorted(folder.glob(f"*{BESIDE_SUFFIX}"))
        for package in _packages(file, read_package_manifest(file), kinds)
        if package.manifest.target == target.name
    ]
    missing = [each.name for each in kinds if each.name not in {one.kind for one in found}]
    if not found or (formats is not None and missing):
        raise VerificationError(
            f"There is no package for {target} in {folder}"
            + (f" of the format {', '.join(missing)}." if found else "."),
            hint=f"Make it: nox -s package-{target.system}",
        )
    return found


def _packages(file: Path, manifest: PackageManifest, kinds: Sequence[Format]) -> Iterator[Package]:
    stem = file.name.removesuffix(BESIDE_SUFFIX)
    listed = {each.file for each in manifest.files}
    for kind in kinds:
        name = f"{stem}{kind.suffix}"
        path = file.with_name(name)
        if name in listed or (kind.name == FOLDER and path.is_dir()):
            yield Package(path, kind.name, manifest)


def _start(
    package: Package,
    screen: Sequence[str],
    environment: Mapping[str, str],
    told: set[str],
    reporter: Reporter,
) -> Mapping[str, Any]:
    """Open a package and let its application test itself. Raises BuildError if it fails.

    `told` is what was said of Chromium's sandbox already.
    """
    manifest = package.manifest
    application = Application(host_target().system, slug(manifest.name, manifest.identifier))
    report = REPORTS / f"{package.path.name}.json"
    with (
        tempfile.TemporaryDirectory(prefix="djdesk-", ignore_cleanup_errors=True) as folder,
        OPENERS[package.kind](package.path, application, Path(folder)) as opened,
    ):
        sandbox, said = display.sandbox_arguments(
            opened.program,
            stand_in=manifest.rehearsal,
            root=display.is_root(),
            namespaces=display.has_user_namespaces(),
        )
        if said and said not in told:
            reporter.note(said)
            told.add(said)
        command = [*screen, str(opened.program), *sandbox]
        command += [f"--smoke-test={report}", f"--smoke-test-seconds={_SECONDS}"]
        code, output = _run(command, opened, environment)
    return _judge(report, code, output)


def _run(
    command: Sequence[str], opened: Opened, environment: Mapping[str, str]
) -> tuple[int | None, str]:
    """Return the exit code, None when it did not end in time, and what it said."""
    with (
        # Not a pipe: helpers of Chromium's may hold its other end for longer than they are wanted.
        tempfile.TemporaryFile() as output,
        window.stopping_by_signal(),
        subprocess.Popen(
            command,
            env={**environment, **opened.variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=window.OWN_GROUP,
        ) as process,
    ):
        code: int | None = None
        try:
            code = process.wait(_SECONDS + _END_SECONDS)
        except subprocess.TimeoutExpired:
            window.kill(process)
        except BaseException:
            window.kill(process)
            raise
        output.seek(0)
        return code, output.read().decode(errors="replace")


def _judge(report: Path, code: int | None, output: str) -> Mapping[str, Any]:
    """Return what an application reports of its test. Raises VerificationError if it failed."""
    document: Mapping[str, Any] = {}
    if report.is_file():
        document = json.loads(report.read_text(encoding="utf-8"))
    if code == 0 and document.get("ok") is True:
        return document
    ended = "did not end" if code is None else f"ended with {code}"
    problems = [str(problem) for problem in document.get("problems", ())]
    raise VerificationError(
        f"The application {ended}" + (f": {problems[0]}" if problems else "."),
        why="\n".join(problems[1:]) or explain_output(output),
        hint=f"Its report: {report}" if document else "It wrote no report.",
    )


def _row(package: Package, report: Mapping[str, Any]) -> tuple[str, ...]:
    phases = report["phases_ms"]
    return package.path.name, *(f"{phases[phase]:.0f}" for phase in _SHOWN_PHASES)
