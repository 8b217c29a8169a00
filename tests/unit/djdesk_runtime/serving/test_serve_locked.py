"""Nothing that a server does when it is asked to stop waits for another program."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from djdesk_runtime.data.folder import DataFolder
from tests.unit.djdesk_runtime.data.test_migrations import SECOND
from tests.unit.djdesk_runtime.data.updates import make_version
from tests.unit.djdesk_runtime.made_bundle import PROJECT, SHELL, STOP, served, started

# Whoever waits for a lock here waits until the test fails.
PATIENT = """
DATABASES["default"]["OPTIONS"] = {"timeout": 100_000}
DATABASES["more"] = DATABASES["default"] | {"NAME": BASE_DIR / "more"}
"""
FOR_EVER = """
from djdesk_runtime.data import changing, command_locks
changing.DATABASE_SECONDS = command_locks.COMMANDS_END = 100_000
"""


def patient(more: str = "") -> str:
    lines = "".join(f"        {line}\n" for line in (PATIENT + more).splitlines())
    return PROJECT["tiny/settings.py"] + "\n" + lines


@contextmanager
def locked(data: DataFolder, begin: str) -> Iterator[None]:
    """Hold a transaction in every database, and keep what is in their logs from being written."""
    with ExitStack() as stack:
        for path in data.databases().values():
            reader, writer = (
                stack.enter_context(closing(sqlite3.connect(path, autocommit=True)))
                for _ in range(2)
            )
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM things_thing").fetchone()
            writer.execute("INSERT INTO things_thing (name) VALUES ('in the log')")
            writer.execute(begin)
        yield


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_stopping_waits_for_no_other_program(bundle: Path, tmp_path: Path, begin: str) -> None:
    version = make_version(bundle, tmp_path, "1.5", {"settings.py": patient()})
    data = DataFolder(tmp_path / "data")
    with served(version, tmp_path) as server:
        assert server.get("/").status == 200
        assert set(data.databases()) == {"default", "more"}
        with locked(data, begin):
            server.say(STOP)
            assert server.end() == 0
    assert "stopped" in data.log_file.read_text(encoding="utf-8").splitlines()[-1]


def test_update_that_waits_for_another_program_can_be_stopped(bundle: Path, tmp_path: Path) -> None:
    older = make_version(bundle, tmp_path, "1.5", {"settings.py": patient()})
    with served(older, tmp_path) as server:
        server.say(STOP)
        assert server.end() == 0
    data = DataFolder(tmp_path / "data")
    files = {"settings.py": patient(FOR_EVER), **SECOND}
    newer = make_version(older, tmp_path, "2.0", files)
    with locked(data, "BEGIN IMMEDIATE"), started(newer, tmp_path, start_line=SHELL) as server:
        while "Updating your data…" not in str(server.event().get("message")):
            pass
        server.say(STOP)
        assert server.end() == 0
        assert not data.backups.exists()
        assert not data.update_marker.exists()
