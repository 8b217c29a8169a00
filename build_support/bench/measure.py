"""The session `bench`: figures, each beside what it is compared with, from the same run.

Timings on a machine that does other things as well are noisy, so a figure over its limit
is marked and nothing fails. The JSON document that is recorded::

    schema     1
    machine    {system, machine, target, cpu_count, python}: no name of a host or a person
    bundle     {version, provider}: its VERSION, and where its interpreter comes from
    figures    a list of
        key, title       what was measured
        unit             "s", "ms" or "MB" (10**6 bytes)
        min, median      of the samples; null when there are none
        samples          in the order in which they were taken
        compared_with    {title, min, median, samples}, taken in turn with the above
        ratio            the median over that of what it is compared with, or null
        limit            what the median may be, or null
        within           whether it is; null without a limit or a sample
        problem          why samples are missing, else empty
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT
from build_support.bench import builds as bench_builds
from build_support.bench import sizes as bench_sizes
from build_support.bench import start as bench_start
from build_support.bench.figures import COLUMNS, Figure, Unit, to_document, to_row
from build_support.bench.workbench import Workbench, open_workbench
from build_support.bundles.manifest import read_manifest
from build_support.errors import BuildError, UsageError
from build_support.reporter import Reporter

RECORD = ROOT / "build" / "bench.json"

#: Does something once, and returns its figure.
Take = Callable[[Workbench], float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A row of the table of measurements.

    `baseline` is what it is compared with, or the key of an earlier row whose samples are.
    `most_runs` bounds how often it is taken, for what is slow or always the same.
    """

    key: str
    title: str
    unit: Unit
    take: Take
    compared_with: str
    baseline: Take | str
    limit: float | None = None
    most_runs: int | None = None


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(
        "unchanged", "unchanged rebuild", "s", bench_builds.unchanged,
        "git status of the same tree", bench_builds.git_status, limit=0.5,
    ),
    Measurement(
        "everything", "all but downloads redone", "s", bench_builds.everything,
        "unpack CPython, uv venv, uv install", bench_builds.plain_environment, limit=8.0,
    ),
    Measurement(
        "one-file", "one source file changed", "s", bench_builds.one_file_changed,
        "all but downloads redone", "everything", limit=2.0,
    ),
    Measurement(
        "disk", "bundle on disk", "MB", bench_sizes.bundle_on_disk,
        "unpruned CPython and plain venv", bench_sizes.plain_on_disk, limit=75.0, most_runs=1,
    ),
    Measurement(
        "bytes", "bundle, bytes in files", "MB", bench_sizes.bundle_bytes,
        "unpruned CPython and plain venv", bench_sizes.plain_bytes, most_runs=1,
    ),
    Measurement(
        "ready", "serve: start to ready", "ms", bench_start.bundle_ready,
        "bare Django and waitress", bench_start.bare_ready,
    ),
    Measurement(
        "page", "serve: start to first page", "ms", bench_start.bundle_page,
        "bare Django and waitress", bench_start.bare_page,
    ),
    Measurement(
        "request", "serve: a page later on, kept alive", "ms", bench_start.bundle_request,
        "bare Django and waitress", bench_start.bare_request, limit=2.0,
    ),
    Measurement(
        "fall-back", "fetch where no source answers", "s", bench_builds.fall_back,
        "--interpreter debian", bench_builds.no_fall_back, limit=10.0, most_runs=3,
    ),
)  # fmt: skip


def measure(reporter: Reporter, *, runs: int, record: Path | None) -> None:
    """Take every measurement `runs` times, show the figures and record them as JSON.

    The file is `record`, else build/bench.json. Raises UsageError for fewer runs than one,
    and what making a bundle raises.
    """
    if runs < 1:
        raise UsageError(f"--runs {runs} measures nothing.", hint="Give a number from 1 on.")
    file = record or RECORD
    with open_workbench(ROOT, reporter) as bench:
        figures = take_all(MEASUREMENTS, bench, runs, reporter)
        document = to_document(figures, describe_machine(bench), describe_bundle(bench))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    show(figures, reporter)
    reporter.success(f"The figures are recorded: {file}")


def take_all(
    measurements: Sequence[Measurement], bench: Workbench, runs: int, reporter: Reporter
) -> list[Figure]:
    """Take every measurement; one that fails does not keep the others from being taken."""
    figures: dict[str, Figure] = {}
    for measurement in measurements:
        with reporter.step(f"Measure: {measurement.title}"):
            figures[measurement.key] = _take(measurement, bench, runs, figures)
    return list(figures.values())


def show(figures: Sequence[Figure], reporter: Reporter) -> None:
    """Write the table, and what there is to say about it."""
    reporter.line()
    reporter.table(COLUMNS, [to_row(figure) for figure in figures])
    reporter.line()
    for figure in figures:
        if figure.problem:
            reporter.note(f"{figure.title}: {figure.problem}")
    if over := [figure.title for figure in figures if figure.within is False]:
        reporter.warning(
            f"Over the limit: {', '.join(over)}.\n"
            "On a machine that is busy with other things, measure again before you look further."
        )


def describe_machine(bench: Workbench) -> Mapping[str, object]:
    """Return what matters for timings, and nothing that tells whose machine it is."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "target": bench.target.name,
        "cpu_count": os.cpu_count(),
        "python": platform.python_version(),
    }


def describe_bundle(bench: Workbench) -> Mapping[str, object]:
    """Return which bundle was measured."""
    manifest = read_manifest(bench.bundle)
    return {"version": manifest.version_line.strip(), "provider": manifest.python.provider}


def _take(
    measurement: Measurement, bench: Workbench, runs: int, earlier: Mapping[str, Figure]
) -> Figure:
    """Take samples and what they are compared with in turn, so that both meet the same noise."""
    samples: list[float] = []
    compared: list[float] = []
    problem = ""
    baseline = measurement.baseline
    for _ in range(min(runs, measurement.most_runs or runs)):
        try:
            samples.append(measurement.take(bench))
            if not isinstance(baseline, str):
                compared.append(baseline(bench))
        except BuildError as error:
            problem = f"{error.what} {error.why}".strip()
            break
    if isinstance(baseline, str):
        compared = [*earlier[baseline].samples]
    return Figure(
        key=measurement.key,
        title=measurement.title,
        unit=measurement.unit,
        samples=tuple(samples),
        compared_with=measurement.compared_with,
        compared_samples=tuple(compared),
        limit=measurement.limit,
        problem=problem,
    )
