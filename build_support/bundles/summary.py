"""The last lines of a build: where the bundle is, how big, its hash, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from build_support import ROOT
from build_support.bundles.manifest import LISTING_FILE, Manifest, read_manifest
from build_support.errors import BuildError, VerificationError
from build_support.paths import quoted
from build_support.reporter import Reporter, megabytes
from build_support.target import host_target
from build_support.trees.listing import parse_listing


def summarise(manifest: Manifest, bundle: Path, reporter: Reporter) -> None:
    """Say what was made, in a table of its parts and four lines."""
    reporter.line()
    show_parts(bundle, reporter)
    reporter.line()
    if not manifest.python.redistributable:
        reporter.warning("Not for release: its interpreter is not a published one.")
    reporter.success(f"The bundle is ready: {bundle}")
    reporter.line(f"  what   {manifest.version_line.strip()}")
    reporter.line(f"  size   {megabytes(manifest.files.bytes)} in {manifest.files.count} files")
    reporter.line(f"  hash   {manifest.files.digest}")
    reporter.line(f"  next   {', '.join(next_sessions(manifest, bundle))}")


def next_sessions(manifest: Manifest, bundle: Path) -> list[str]:
    """Return what can be done with a bundle: run it only where it runs, each by its place."""
    place = (
        "" if bundle == ROOT / "electron" / "django-bundle" else f" -- --bundle {quoted(bundle)}"
    )
    trial = f"nox -s run{place} (try it)"
    check = f"nox -s verify{place} (check it)"
    return [trial, check] if manifest.target == host_target().name else [check]


def announce(manifest: Manifest, bundle: Path, reporter: Reporter) -> None:
    """Say which application a session is about: the bundle there may be an older or another one."""
    reporter.line(f"{manifest.version_line.strip()}, in {bundle}")


@contextmanager
def naming_previous(output: Path, reporter: Reporter) -> Iterator[None]:
    """When the block fails, say that the bundle in `output` is not the one that was to be made."""
    try:
        yield
    except (BuildError, OSError):
        with suppress(VerificationError, OSError, ValueError):
            previous = read_manifest(output).version_line.strip()
            reporter.warning(f"Nothing was built. {output} has what was built before: {previous}")
        raise


def show_parts(bundle: Path, reporter: Reporter) -> None:
    """Write the table: part, files, MB."""
    text = (bundle / LISTING_FILE).read_text(encoding="utf-8")
    counts: dict[str, tuple[int, int]] = {}
    for entry in parse_listing(text):
        part = entry.path.split("/")[0]
        files, size = counts.get(part, (0, 0))
        counts[part] = (files + 1, size + entry.size)
    rows = [(part, str(files), _in_mb(size)) for part, (files, size) in sorted(counts.items())]
    files = sum(count for count, _ in counts.values())
    size = sum(size for _, size in counts.values())
    reporter.table(("part", "files", "MB"), [*rows, ("together", str(files), _in_mb(size))])


def _in_mb(size: int) -> str:
    return f"{size / 1_000_000:.2f}"
