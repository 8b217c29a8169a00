"""The power fails at many moments: every note that was promised is there at the next start.

A killed process stands for it: what it had written is what the disk has.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_support.bundles.serve import launch_command
from tests.integration.data_use import (
    DATABASE,
    ENDS,
    LATER,
    State,
    Writer,
    cut_power,
    make_version,
    run,
    start_and_end,
    starting,
    state_of,
    write_notes,
)

pytestmark = pytest.mark.skipif(
    not hasattr(__import__("signal"), "SIGKILL"), reason="kills as POSIX does"
)

#: Moments at which the power fails, of each kind.
_WRITES, _BACKUPS, _UPDATES, _RESTORES, _UNDOS = 8, 6, 12, 6, 4
_NOTES = 1500
_FIRST, _LAST = "0001_initial", "0005_wider"


def _moments(count: int, seconds: float) -> Iterator[float]:
    """Yield moments within some seconds; every next one is far from the earlier ones."""
    for number in range(1, count + 1):
        yield seconds * (number * 0.618 % 1)


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
    return not (data / "updating.json").exists() and not list(data.rglob("*.partial*"))


def test_while_notes_are_written(bundle: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    promised: set[str] = set()
    for number, moment in enumerate(_moments(_WRITES, 0.6)):
        with starting(bundle, data) as server:
            assert server.wait_for("ready"), server.events
            assert promised <= state_of(data / DATABASE).titles
            writers = [Writer(server, f"{number} {name}") for name in "ab"]
            for writer in writers:
                writer.start()
            time.sleep(moment)
            server.kill()
            for writer in writers:
                writer.join()
                promised.update(writer.answered)
    assert len(promised) > _WRITES
    assert start_and_end(bundle, data).end["event"] == "ready"
    assert promised <= state_of(data / DATABASE).titles


def test_while_a_backup_is_made(bundle: Path, used: Path, before: State, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(used, data)
    write_notes(data, 0)
    command = [*launch_command(bundle), "backup", "--data-dir", str(data)]
    started = time.monotonic()
    subprocess.run(command, env={}, check=True, capture_output=True)
    duration = time.monotonic() - started
    killed = 0
    for moment in _moments(_BACKUPS, duration * 0.7):
        # The first part of the time an interpreter starts.
        with subprocess.Popen(command, env={}, stdout=subprocess.DEVNULL) as process:
            killed += cut_power(process, duration * 0.3 + moment)
        assert state_of(data / DATABASE) == before
        for path in (data / "backups").glob("*.sqlite3"):
            assert state_of(path) == before
    assert killed
    assert start_and_end(bundle, data).end["event"] == "ready"
    assert state_of(data / DATABASE) == before
    assert _settled(data)


def test_while_the_databases_are_updated(
    bundle: Path, later: Path, used: Path, before: State, tmp_path: Path
) -> None:
    shutil.copytree(used, tmp_path / "measured")
    with starting(later, tmp_path / "measured") as server:
        assert server.wait_for("progress")
        started = time.monotonic()
        assert server.wait_for("ready"), server.events
        duration = time.monotonic() - started
    after = state_of(tmp_path / "measured" / DATABASE)
    assert (before.migration, after.migration) == (_FIRST, _LAST)
    undone = 0
    for number, moment in enumerate(_moments(_UPDATES, duration)):
        data = tmp_path / str(number)
        shutil.copytree(used, data)
        with starting(later, data) as server:
            assert server.wait_for("progress")
            time.sleep(moment)
            server.kill()
        undone += (data / "updating.json").exists()
        # Every other time the user goes back to the version that worked.
        version = bundle if number % 2 else later
        restarted = start_and_end(version, data)
        state = state_of(data / DATABASE)
        if restarted.end["event"] == "failed":
            assert (version, restarted.end["code"]) == (bundle, 9)
            assert state == after
        else:
            assert state == (before if version == bundle else after)
            assert _settled(data)
        shutil.rmtree(data)
    assert undone, "none of the kills was in the middle"


def test_while_a_backup_is_restored(
    bundle: Path, used: Path, before: State, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(used, data)
    name = Path(run(bundle, data, "backup").stdout.strip()).name
    write_more = {"count": 0}

    def write_after_backup() -> State:
        with starting(bundle, data) as server:
            assert server.wait_for("ready"), server.events
            writer = Writer(server, f"later {write_more['count']}")
            write_more["count"] += 1
            writer.start()
            while len(writer.answered) < 3 and writer.is_alive():
                writer.join(0.01)
            server.kill()
            writer.join()
        state = state_of(data / DATABASE)
        assert set(writer.answered) <= state.titles
        return state

    present = write_after_backup()
    started = time.monotonic()
    assert run(bundle, data, "restore", name).returncode == 0
    duration = time.monotonic() - started
    assert state_of(data / DATABASE) == before
    command = [*launch_command(bundle), "restore", name, "--data-dir", str(data)]
    killed = 0
    for moment in _moments(_RESTORES, duration * 0.7):
        present = write_after_backup()
        with subprocess.Popen(command, env={}, stdout=subprocess.DEVNULL) as process:
            killed += cut_power(process, duration * 0.3 + moment)
        assert start_and_end(bundle, data).end["event"] == "ready"
        state = state_of(data / DATABASE)
        assert state in (present, before)
        if state == before:
            kept = [state_of(path) for path in (data / "backups").glob("*-restore-*.sqlite3")]
            assert present in kept
        assert _settled(data)
    assert killed


def test_while_an_update_is_undone(
    bundle: Path, later: Path, used: Path, before: State, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    shutil.copytree(used, made)
    with starting(later, made) as server:
        assert server.wait_for("progress")
        while not (made / "updating.json").exists() and server.process.poll() is None:
            time.sleep(0.001)
        time.sleep(0.05)
        server.kill()
    assert (made / "updating.json").exists()

    def undo(data: Path, moment: float | None) -> float:
        with starting(bundle, data) as server:
            assert server.wait_for("progress"), server.events
            assert server.updates == ["Restoring your data…"]
            started = time.monotonic()
            if moment is None:
                assert server.wait_for(*ENDS)
            else:
                time.sleep(moment)
            server.kill()
        return time.monotonic() - started

    shutil.copytree(made, tmp_path / "measured")
    duration = undo(tmp_path / "measured", None) / 3
    again = 0
    for number, moment in enumerate(_moments(_UNDOS, duration)):
        data = tmp_path / str(number)
        shutil.copytree(made, data)
        undo(data, moment)
        again += (data / "updating.json").exists()
        assert start_and_end(bundle, data).end["event"] == "ready"
        assert state_of(data / DATABASE) == before
        assert _settled(data)
    assert again
