"""The session `doctor`: what this machine can do, and how to get what is missing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT, debian
from build_support.bundles.packages import find_uv
from build_support.bundles.runtime import LOCK as RUNTIME_LOCK
from build_support.cache import Cache, open_cache
from build_support.desktop import release
from build_support.doctor import sources as doctor_sources
from build_support.doctor.checks import Finding
from build_support.doctor.machine import ask, machine_checks
from build_support.doctor.sources import SourceAnswer
from build_support.doctor.targets import Outlook, Supply, interpreters, outlook, outlooks
from build_support.errors import BuildError, UsageError, VerificationError
from build_support.projects.requirements import join, read_lock
from build_support.published.pins import Pin, Pins, load_pins
from build_support.published.sources import archive_urls
from build_support.reporter import Reporter
from build_support.target import TARGETS, Target, host_target

_COLUMNS = ("what", "state", "detail", "how to get it")


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was found out: rows of three tables, and what follows from them."""

    machine: Sequence[Finding]
    sources: Sequence[Finding]
    supply: Supply


def examine(reporter: Reporter) -> None:
    """Show what this machine has and can do.

    Raises VerificationError, listing it, when something is missing without which
    `nox -s bundle` cannot make this machine's own bundle.
    """
    with reporter.step("Look at this machine and ask the sources"):
        examination = _examine(open_cache(), os.environ)
    show(examination, reporter)
    if missing := conclude(examination):
        raise VerificationError(
            "`nox -s bundle` cannot make a bundle for this machine.",
            why="\n".join(f"{row.what}: {row.detail}" for row in missing),
            hint="\n".join(dict.fromkeys(row.fix for row in missing if row.fix)),
        )
    reporter.line()
    reporter.success("This machine can make its own bundle: nox -s bundle")


def show(examination: Examination, reporter: Reporter) -> None:
    """Write the tables."""
    reporter.line()
    reporter.table(_COLUMNS, _rows(examination.machine), title="this machine")
    reporter.line()
    columns = ("source", *_COLUMNS[1:])
    reporter.table(columns, _rows(examination.sources), title="sources")
    reporter.line()
    columns = ("interpreter", *_COLUMNS[1:])
    reporter.table(columns, _rows(interpreters(examination.supply)), title="interpreters")
    reporter.line()
    rows = [_row(each) for each in outlooks(examination.supply)]
    reporter.table(("target", "bundle", "why", "package"), rows, title="targets")


def conclude(examination: Examination) -> list[Finding]:
    """Return what this machine's own bundle lacks."""
    supply = examination.supply
    rows = (*examination.machine, *interpreters(supply))
    missing = [row for row in rows if row.needed and row.state != "ok"]
    if supply.host is not None and not missing:
        own = outlook(supply.host, supply)
        if not own.bundle:
            fix = "Look at the sources above, the network and the proxy."
            missing.append(Finding("packages", "missing", own.reason, fix, needed=True))
    return missing


def _rows(findings: Sequence[Finding]) -> list[tuple[str, str, str, str]]:
    return [(row.what, row.state, row.detail, row.fix) for row in findings]


def _row(each: Outlook) -> tuple[str, str, str, str]:
    return each.target.name, "yes" if each.bundle else "no", each.reason, each.package


def _examine(cache: Cache, environment: Mapping[str, str]) -> Examination:
    """Ask everything at once: it takes as long as the slowest answer may."""
    pins = load_pins()
    host = _host()
    with (
        tempfile.TemporaryDirectory(prefix="djdesk-doctor-") as folder,
        ThreadPoolExecutor(16) as pool,
    ):
        scratch = Path(folder)
        machine = [
            pool.submit(check) for check in machine_checks(cache, ROOT / "electron", environment)
        ]
        archives = _ask_archives(pins, host, environment, pool)
        electron = _ask_electron(host, environment, pool)
        index = pool.submit(doctor_sources.ask_index, find_uv, ask, scratch)
        unsupported = debian.host_supports()
        archive = pool.submit(doctor_sources.ask_debian, unsupported, ask, scratch)
        answers = [each.result() for each in archives]
        published = [answer.finding for answer in answers]
        reachable = index.result()
        packages = archive.result()
        supply = Supply(
            host=host,
            source=next((row.what for row in published if row.state == "ok"), ""),
            refused=any(answer.reached for answer in answers),
            cached=frozenset(_cached(cache, pins)),
            debian=_debian(cache, host, packages) if unsupported is None else "",
            wheels=_wheels(reachable, scratch, pool),
            wine=bool(shutil.which("wine") or shutil.which("wine64")),
        )
        return Examination(
            [each.result() for each in machine],
            [*published, reachable, packages, *[each.result().finding for each in electron]],
            supply,
        )


def _ask_archives(
    pins: Pins, host: Target | None, environment: Mapping[str, str], pool: ThreadPoolExecutor
) -> list[Future[SourceAnswer]]:
    try:
        sources = archive_urls(_any_pin(pins, host), pins, environment)
    except UsageError as error:
        finding = Finding("mirror", "missing", error.what, error.hint.partition("\n")[0])
        return [pool.submit(SourceAnswer, finding, reached=True)]
    return [pool.submit(doctor_sources.ask_source, source) for source in sources]


def _ask_electron(
    host: Target | None, environment: Mapping[str, str], pool: ThreadPoolExecutor
) -> list[Future[SourceAnswer]]:
    """Ask for this machine's Electron; without it there are bundles and a browser."""
    if host is None:
        return []
    archive = release.archive_for(host)
    try:
        source = release.source_of(archive, environment)
    except UsageError as error:
        finding = Finding("mirror of Electron", "missing", error.what, error.hint)
        return [pool.submit(SourceAnswer, finding, reached=True)]
    return [pool.submit(doctor_sources.ask_source, source)]


def _any_pin(pins: Pins, host: Target | None) -> Pin:
    return pins.pin_for(host or next(iter(TARGETS.values())))


def _cached(cache: Cache, pins: Pins) -> list[str]:
    pinned = pins.assets.values()
    return [pin.target for pin in pinned if cache.archive(pin.sha256, pin.file).is_file()]


def _debian(cache: Cache, host: Target | None, archive: Finding) -> str:
    if host is not None and doctor_sources.has_debian_packages(cache.root, host):
        return "packages in the cache"
    return "this machine's package archive" if archive.state == "ok" else ""


def _wheels(index: Finding, scratch: Path, pool: ThreadPoolExecutor) -> frozenset[str]:
    """Return the targets whose packages can be had: all, where the index answers."""
    if index.state == "ok":
        return frozenset(TARGETS)
    try:
        project, runtime = read_lock(ROOT / "requirements.lock"), read_lock(RUNTIME_LOCK)
    except BuildError:
        return frozenset()
    asked = {
        name: pool.submit(
            doctor_sources.has_wheels, join(project, runtime, target), target, find_uv, ask, scratch
        )
        for name, target in TARGETS.items()
    }
    return frozenset(name for name, answer in asked.items() if answer.result())


def _host() -> Target | None:
    try:
        return host_target()
    except UsageError:
        return None
