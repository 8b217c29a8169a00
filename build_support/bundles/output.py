"""The folder that a bundle is made in: only ever a bundle's, one build at a time, swapped whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from build_support.bundles.manifest import MANIFEST_FILE
from build_support.errors import UsageError
from build_support.reporter import Reporter
from build_support.trees.folders import recover_tree, remove_tree


def check_output(output: Path) -> None:
    """Make sure that a folder may be replaced or deleted: a bundle, an empty one, or none.

    Raises UsageError for anything else, because all that is in it would be lost.
    """
    if not output.exists() and not output.is_symlink():
        return
    if output.is_symlink() or not output.is_dir():
        why = "It is a link." if output.is_symlink() else "It is a file."
    elif (output / MANIFEST_FILE).is_file() or not any(output.iterdir()):
        return
    else:
        why = f"It holds other files, and no {MANIFEST_FILE}."
    raise UsageError(
        f"{output} is not a bundle, so it is neither replaced nor deleted.",
        why=why,
        hint="Name another folder with --output; it is made if it is not there.",
    )


@contextmanager
def claim_output(output: Path, reporter: Reporter) -> Iterator[Path]:
    """Hold an output folder, cleaned of what killed builds left beside it.

    Yields a path beside it, not there yet, where a build can do all its work and which is
    deleted in the end. Another build of the same output waits. Raises what `check_output`
    raises.
    """
    check_output(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    workplace = output.with_name(f".{output.name}.staging")
    lock = FileLock(output.with_name(f".{output.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        reporter.note(f"Another build of {output} is running; waiting for it.")
        lock.acquire()
    try:
        recover_tree(output)
        check_output(output)
        remove_tree(workplace)
        yield workplace
    finally:
        remove_tree(workplace)
        lock.release()


def clean_output(output: Path, reporter: Reporter) -> None:
    """Delete a bundle and what builds left beside it. Raises what `check_output` raises."""
    if output.parent.is_dir():
        with claim_output(output, reporter):
            remove_tree(output)
