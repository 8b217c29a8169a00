"""The power fails at many moments: every note that was promised is there at the next start.

A killed process stands for it: what it had written is what the disk has.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.bundles.serve import launch_command
from tests.integration.data_use import (
    DATABASE,
    LATER,
    State,
    Writer,
    make_version,
    run,
    start_and_end,
    starting,
    state_of,
    use,
    write_notes,
)

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="there a killed process keeps its files open for a while"
)

#: Moments at which the power fails, of each kind.
_WRITES, _BACKUPS, _UPDATES, _RESTORES = 8, 6, 12, 6
_NOTES = 1500

_FIRST, _LAST = "0001_initial", "0005_wider"


def _let_power_fail(count: int, seconds: float, attempt: Callable[[float], bool]) -> None:
    """Make attempts, each with a moment within some seconds, until so many were in the middle."""
    hits = attempts = 0
    while hits < count:
        attempts += 1
        assert attempts <= 4 * count, "it ends before it can be killed"
        # Multiples of the golden ratio: every next moment is far from the earlier ones.
        if attempt(seconds * (attempts * 0.618 % 1)):
            hits += 1
        else:
            seconds *= 0.9  # it is faster than when it was measured


def _kill_command(command: list[str], data: Path, seconds: float) -> bool:
    """Run a command and kill it some seconds after it began to write; say whether it still ran."""
    with subprocess.Popen(command, env={}, stdout=subprocess.DEVNULL) as process:
        _until_it_writes(process, data)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    return False


def _time_command(command: list[str], data: Path) -> float:
    """Run a command to its end; return for how many seconds it wrote."""
    with subprocess.Popen(command, env={}, stdout=subprocess.DEVNULL) as process:
        _until_it_writes(process, data)
        started = time.monotonic()
        assert process.wait() == 0
    return time.monotonic() - started


def _until_it_writes(process: subprocess.Popen[bytes], data: Path) -> None:
    while process.poll() is None and not any((data / "backups").glob("*.partial*")):
        time.sleep(0.0005)


@pytest.fixture(scope="module")
def later(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A later version, which has more to do with the data than a moment's work."""
    return make_version(bundle, tmp_path_factory.mktemp("later"), "9.0", LATER)


@pytest.fixture(scope="module")
def used(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of somebody who has written many notes. Tests copy it."""
    data = tmp_path_factory.mktemp("used") / "data"
    assert start_and_end(bundle, data).end["event"] == "ready"
    write_notes(data, _NOTES)
    return data


@pytest.fixture(scope="module")
def before(used: Path) -> State:
    """What that data is."""
    return state_of(used / DATABASE)


def _settled(data: Path) -> bool:
    """Say whether nothing is left of what was interrupted, its own traces included."""
    traces = ("updating.json", "updating")
    return not any((data / name).exists() for name in traces) and not list(data.rglob("*.partial*"))


def test_while_notes_are_written(bundle: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    promised: set[str] = set()

    def attempt(moment: float) -> bool:
        with starting(bundle, data) as server:
            assert server.wait_for("ready"), server.events
            assert promised <= state_of(data / DATABASE).titles
            writers = [Writer(server, f"{moment} {name}") for name in "ab"]
            for writer in writers:
                writer.start()
            time.sleep(moment)
            server.kill()
            for writer in writers:
                writer.join()
                promised.update(writer.answered)
        return True

    _let_power_fail(_WRITES, 0.6, attempt)
    assert len(promised) > _WRITES
    assert start_and_end(bundle, data).end["event"] == "ready"
    assert promised <= state_of(data / DATABASE).titles


def test_while_a_backup_is_made(bundle: Path, used: Path, before: State, tmp_path: Path) -> None:
    data = Path(shutil.copytree(used, tmp_path / "data"))
    command = [*launch_command(bundle), "backup", "--data-dir", str(data)]
    duration = _time_command(command, data)

    def attempt(moment: float) -> bool:
        killed = _kill_command(command, data, moment)
        assert state_of(data / DATABASE) == before
        for path in (data / "backups").glob("*.sqlite3"):
            assert state_of(path) == before
        return killed

    _let_power_fail(_BACKUPS, duration, attempt)
    # Half a backup may be one that is being made, until nobody has written to it for a day.
    for path in (data / "backups").glob("*.partial*"):
        os.utime(path, (0, time.time() - 2 * 86_400))
    assert start_and_end(bundle, data).end["event"] == "ready"
    assert state_of(data / DATABASE) == before
    assert _settled(data)


def test_while_the_databases_are_updated(
    bundle: Path, later: Path, used: Path, before: State, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(used, tmp_path / "data"))
    with starting(later, data) as server:
        assert server.wait_for("progress")
        started = time.monotonic()
        assert server.wait_for("ready"), server.events
        duration = time.monotonic() - started
    after = state_of(data / DATABASE)
    assert (before.migration, after.migration) == (_FIRST, _LAST)
    versions = itertools.cycle([later, bundle])

    def attempt(moment: float) -> bool:
        shutil.rmtree(data)
        shutil.copytree(used, data)
        with starting(later, data) as server:
            assert server.wait_for("progress")
            time.sleep(moment)
            server.kill()
        changing = (data / "updating").exists()
        # Every other time the user goes back to the version that worked.
        version = next(versions)
        end = start_and_end(version, data).end
        if end["event"] == "failed":
            assert (version, end["code"]) == (bundle, 9)
            assert state_of(data / DATABASE) == after
        else:
            # What was replaced when it was killed had been replaced in one transaction.
            assert state_of(data / DATABASE) == (before if version == bundle else after)
            assert _settled(data)
        return changing

    _let_power_fail(_UPDATES, duration, attempt)


def test_while_a_backup_is_restored(
    bundle: Path, used: Path, before: State, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(used, tmp_path / "data"))
    name = Path(run(bundle, data, "backup").stdout.strip()).name
    command = [*launch_command(bundle), "restore", name, "--data-dir", str(data)]
    use(bundle, data, "first")
    duration = _time_command(command, data)
    assert state_of(data / DATABASE) == before

    def attempt(moment: float) -> bool:
        use(bundle, data, str(moment))
        present = state_of(data / DATABASE)
        killed = _kill_command(command, data, moment)
        assert start_and_end(bundle, data).end["event"] == "ready"
        state = state_of(data / DATABASE)
        assert state in (present, before)
        if state == before:
            kept = [state_of(path) for path in (data / "backups").glob("*-restore-*.sqlite3")]
            assert present in kept
        assert _settled(data)
        return killed

    _let_power_fail(_RESTORES, duration, attempt)
