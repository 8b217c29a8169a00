"""Finished packages: moved to where they belong, and listed with their checksums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from build_support import digest
from build_support.errors import VerificationError
from build_support.packages.checksums import SUMS_FILE, write_sums
from build_support.packages.manifest import BESIDE_SUFFIX, read_package_manifest
from build_support.reporter import Reporter, megabytes
from build_support.trees.folders import recover_tree, remove_tree, replace_tree
from build_support.trees.moving import delete, move


@contextmanager
def claim_folder(output: Path, reporter: Reporter) -> Iterator[Path]:
    """Hold the folder of packages; yield an empty one in it to work in, deleted in the end.

    It is on the same disk, so that finished packages only change their names. Its own name is
    short: what is built in it has paths of nearly 200 characters, and Windows ends at 260.
    """
    output.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output / ".lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        reporter.note(f"Another session makes packages in {output}; waiting for it.")
        lock.acquire()
    work = output / ".work"
    try:
        remove_tree(work)
        work.mkdir()
        yield work
    finally:
        remove_tree(work)
        lock.release()


def deliver(products: Sequence[Path], output: Path) -> list[Path]:
    """Move files and folders into the output, in the place of those of the same names.

    What an earlier run has left under a manifest's name and is not made anew, is deleted
    afterwards: no manifest speaks of it any more.
    """
    stale = {path for product in products for path in _described_by(output / product.name)}
    delivered = []
    for product in products:
        place = output / product.name
        if product.is_dir():
            recover_tree(place)
            replace_tree(product, place)
        else:
            if place.is_dir():
                remove_tree(place)
            move(product, place)
        delivered.append(place)
    for path in stale.difference(delivered):
        if path.is_dir():
            remove_tree(path)
        else:
            delete(path)
    return delivered


def _described_by(manifest: Path) -> list[Path]:
    """Return the packages that a manifest lists, and the folder that they were made of.

    Nothing if it is none or is not there; of a damaged one, the folder.
    """
    if not manifest.name.endswith(BESIDE_SUFFIX) or not manifest.is_file():
        return []
    names = [manifest.name.removesuffix(BESIDE_SUFFIX)]
    with suppress(VerificationError):
        names += [Path(each.file).name for each in read_package_manifest(manifest).files]
    return [manifest.with_name(name) for name in names]


def unlisted(output: Path) -> list[str]:
    """Return the names of files in the output that no manifest lists, hidden ones left out."""
    known = {*_published(output), SUMS_FILE}
    return sorted(
        path.name
        for path in output.iterdir()
        if path.is_file() and path.name not in known and not path.name.startswith(".")
    )


def write_all_sums(output: Path) -> Path:
    """Write the checksums of every file that a manifest in the folder lists, and of those."""
    files = (output / name for name in _published(output))
    return write_sums([file for file in files if file.is_file()], output)


def _published(output: Path) -> list[str]:
    """Return the names of the manifests in the output and of all that they list, each once."""
    manifests = sorted(output.glob(f"*{BESIDE_SUFFIX}"))
    listed = [each.file for file in manifests for each in read_package_manifest(file).files]
    return list(dict.fromkeys([*listed, *(file.name for file in manifests)]))


def show(delivered: Sequence[Path], sums: Path, reporter: Reporter) -> None:
    """Write the table: file, size, SHA-256."""
    rows = [("file", "size", "SHA-256"), *(_row(path) for path in sorted([*delivered, sums]))]
    names, sizes = (max(len(row[column]) for row in rows) for column in (0, 1))
    reporter.line()
    for name, size, sha256 in rows:
        # Not a table of the reporter's: a checksum that is cut short is none.
        reporter.line(f"{name:<{names}}  {size:>{sizes}}  {sha256}")
    reporter.line()


def _row(path: Path) -> tuple[str, str, str]:
    if path.is_dir():
        size = sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir())
        return f"{path.name}/", megabytes(size), "a folder"
    sha256 = "of all the others" if path.name == SUMS_FILE else digest.of_file(path)
    return path.name, megabytes(path.stat().st_size), sha256
