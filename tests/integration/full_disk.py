"""A disk that is really full: a small file system of its own, seen by one process only."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests import unix
from tests.integration.data_use import DATABASE, SECONDS, start_and_end, state_of
from tests.integration.sessions import ROOT

_PREFIX = ("unshare", "--mount")
_PREFIX_WITHOUT_ROOT = ("unshare", "--user", "--map-root-user", "--mount")


def run_on_small_disk(
    later: Path, bundle: Path, used: Path, scratch: Path, free: int
) -> dict[str, Any]:
    """Start a later version with a copy of the data and so many bytes free, then this version.

    Returns the last event of both, what the database held before, after and at the end, how many
    backups there were after the first, and whether the marker of an update was left. Skips the
    test where such a disk cannot be made.
    """
    if shutil.which("unshare") is None:
        pytest.skip("needs Linux, to mount a file system of its own")
    prefix = _PREFIX if unix.geteuid() == 0 else _PREFIX_WITHOUT_ROOT
    place = scratch / "disk"
    place.mkdir()
    if subprocess.run([*prefix, "mount", "-t", "tmpfs", "tmpfs", place], check=False).returncode:
        pytest.skip("may not mount a file system of its own")
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "tests.integration.full_disk"]
        + [str(word) for word in (later, bundle, used, place, free)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=4 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def main(later: Path, bundle: Path, used: Path, place: Path, free: int) -> None:
    """Do it, in a process that sees the small disk."""
    occupied = sum(path.stat().st_size for path in used.rglob("*") if path.is_file())
    size = f"size={occupied + free}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], check=True)
    data = place / "data"
    shutil.copytree(used, data)
    before = look(data, place)
    failed = start_and_end(later, data).end
    after = look(data, place)
    marker = (data / "updating.json").exists()
    backups = len(list((data / "backups").glob("*")))
    (data / "filler").unlink(missing_ok=True)
    again = start_and_end(bundle, data).end
    facts = {"failed": failed, "again": again, "before": before, "after": after, "marker": marker}
    facts |= {"backups": backups, "at the end": look(data, place)}
    sys.stdout.write(json.dumps(facts))


def look(data: Path, place: Path) -> dict[str, Any]:
    """Return what the database holds. Read elsewhere: there may be no room for a copy."""
    elsewhere = place.with_name("elsewhere")
    shutil.rmtree(elsewhere, ignore_errors=True)
    elsewhere.mkdir()
    for path in data.glob(f"{DATABASE}*"):
        shutil.copy(path, elsewhere)
    state = asdict(state_of(elsewhere / DATABASE))
    return state | {"titles": sorted(state["titles"])}


if __name__ == "__main__":
    _later, _bundle, _used, _place = map(Path, sys.argv[1:5])
    main(_later, _bundle, _used, _place, int(sys.argv[5]))
