"""Updates while other programs, or threads of the project, work with the same data."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from djdesk_runtime.data.command_locks import exclusive_access, running_commands, shared_access
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.waiting import never
from djdesk_runtime.errors import DataInUseError
from tests.unit.djdesk_runtime.data.made_databases import contents
from tests.unit.djdesk_runtime.data.test_migrations import FIRST, NOTHING, SECOND, rows, used
from tests.unit.djdesk_runtime.data.updates import (
    ADD_FIELD,
    RUN,
    Start,
    make_version,
    migration,
    start,
)
from tests.unit.djdesk_runtime.made_bundle import PROJECT, command, environment

IMPATIENT = """
from djdesk_runtime.data import changing, command_locks
changing.DATABASE_SECONDS = 0.2
command_locks.COMMANDS_END = 0.2
"""
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], autocommit=True)
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO things_thing (name) VALUES ('of another')")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""
HOLD_IN_SHELL = """
import sys
from django.db import transaction
from tiny.things.models import Thing
with transaction.atomic():
    Thing.objects.create(name="of another")
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holding(argv: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Let a program hold a transaction; it commits when the block ends."""
    with subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert any(line == "held\n" for line in process.stdout)
            yield process
            process.stdin.write("commit\n")
            process.stdin.close()
            assert process.wait(60) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("program", ["another program", "manage shell"])
def test_transaction_of_another_is_neither_undone_nor_lost(
    bundle: Path, tmp_path: Path, program: str
) -> None:
    data = used(bundle, tmp_path / "data", "one")
    newer = make_version(bundle, tmp_path, "2.0", SECOND)
    argv = [sys.executable, "-c", HOLD, str(data.database("default"))]
    if program == "manage shell":
        words = ["manage", "--data-dir", str(data.root), "shell", "-v0", "-c", HOLD_IN_SHELL]
        argv = command(bundle, words)
    with holding(argv) as other:
        before = contents(data.root)
        failed = start(newer, data.root, before=IMPATIENT)
        after = contents(data.root)
        for log in ("logs/app.log", "change.lock", "server.lock"):
            before.pop(log, None)
            after.pop(log, None)
        assert after == before, "nothing is copied, marked or changed"
        if program == "manage shell":
            assert failed.code == 8
            assert f"process {other.pid} (manage shell)" in failed.error
        else:
            assert failed.code == 7
            assert "another program" in failed.error
            assert "damaged" not in failed.error
            assert sys.platform != "linux" or f"process {other.pid} " in failed.error
    assert rows(data.database("default")) == [(1, "one"), (2, "of another")]
    assert start(newer, data.root).code == 0
    assert rows(data.database("default")) == [(1, "one", 1), (2, "of another", 1)]


def test_commands_are_waited_for_and_those_that_were_killed_are_not(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    with shared_access(data, "manage shell"):
        assert len(running_commands(data)) == 1
        told: list[str] = []
        asked = [False, False]
        with (
            pytest.raises(IndexError),
            exclusive_access(data, told.append, asked.pop),
        ):
            pass
        assert "manage shell" in told[0]
        assert len(told) == 1
    (data.commands / "4711-manage.shell.lock").touch()
    with exclusive_access(data, told.append, never):
        assert list(data.commands.iterdir()) == []
        with pytest.raises(DataInUseError), shared_access(data, "manage shell"):
            pass
    with shared_access(data, "manage shell"), shared_access(data, "backup"):
        assert len(running_commands(data)) == 2


WAYS_TO_WRITE = """
    import sqlite3, threading
    from django.conf import settings
    from django.db import connection, connections

    def insert(name):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO things_thing (name, size) VALUES (%s, 5)", [name])
        connection.close()

    connection.commit()
    connections.close_all()
    insert("after closing")
    thread = threading.Thread(target=insert, args=["in a thread"])
    thread.start()
    thread.join(60)
    own = sqlite3.connect(settings.DATABASES["default"]["NAME"])
    own.execute("INSERT INTO things_thing (name, size) VALUES ('of its own', 5)")
    own.commit()
    own.execute("ATTACH ? AS other", [str(settings.DATABASES["default"]["NAME"])])
    own.close()
"""


@pytest.mark.parametrize("fails", [False, True])
def test_migration_may_open_and_close_connections_as_it_likes(
    bundle: Path, tmp_path: Path, fails: bool
) -> None:
    data = used(bundle, tmp_path / "data", "one")
    step = WAYS_TO_WRITE + ("\n    raise RuntimeError" if fails else "")
    third = migration("0002_size", RUN, step=step, atomic=False)
    newer = make_version(
        bundle, tmp_path, "2.0", SECOND | {"things/migrations/0003_ways.py": third}
    )
    done = start(newer, data.root)
    if fails:
        assert done.code == 7
        assert rows(data.database("default")) == [(1, "one")]
    else:
        assert done == Start(["Updating your data…"], 0, "")
        names = [row[1] for row in rows(data.database("default"))]
        assert names == ["one", "after closing", "in a thread", "of its own"]


STARTS_A_PROGRAM = """
    import os, subprocess, sys
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, "-c", "import tiny.child"]
    subprocess.run(argv, env=os.environ | path, check=True, timeout=60)
"""
CHILD = """
    import os
    from pathlib import Path
    import django
    from djdesk_runtime.project import loading
    loading.BUNDLE = Path(os.environ[loading.BUNDLE_VARIABLE])
    django.setup()
    from django.db import connection
    connection.cursor().execute("INSERT INTO things_thing (name) VALUES ('of a child')")
"""


def test_program_that_a_migration_starts_works_on_the_same_data(
    bundle: Path, tmp_path: Path
) -> None:
    data = used(bundle, tmp_path / "data", "one")
    second = migration(FIRST, RUN, step=STARTS_A_PROGRAM, atomic=False)
    files = {"things/migrations/0002_child.py": second, "child.py": CHILD}
    done = start(make_version(bundle, tmp_path, "2.0", files), data.root)
    assert done == Start(["Updating your data…"], 0, "")
    assert rows(data.database("default")) == [(1, "one"), (2, "of a child")]


TWO_ALIASES = (
    PROJECT["tiny/settings.py"]
    + '\n        DATABASES["same"] = DATABASES["default"] | {"TEST": {"MIRROR": "default"}}\n'
)


def test_two_aliases_of_one_file(bundle: Path, tmp_path: Path) -> None:
    files = {"settings.py": TWO_ALIASES}
    data = used(make_version(bundle, tmp_path, "1.0", files), tmp_path / "data", "one")
    step = """
        from django.db import connections
        for alias in ("same", "default"):
            with connections[alias].cursor() as cursor:
                cursor.execute("INSERT INTO things_thing (name) VALUES (%s)", [alias])
    """
    second = migration(FIRST, RUN, step=step, atomic=False)
    newer = make_version(
        bundle, tmp_path, "2.0", files | {"things/migrations/0002_both.py": second}
    )
    assert start(newer, data.root).code == 0
    names = [row[1] for row in rows(data.database("default"))]
    assert names[:3] == ["one", "same", "default"]


BACKGROUND = """
    import threading
    from django.db import connection

    thread_ready, update_over = threading.Event(), threading.Event()

    def work():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM things_thing")
        thread_ready.set()
        assert update_over.wait(60)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO things_thing (name, size) VALUES ('of a thread', 7)")
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert thread_ready.wait(60)
    import tiny
    tiny.finish = lambda: (update_over.set(), thread.join(60))
"""


def test_thread_that_goes_on_writes_to_the_database_and_not_to_its_copy(
    bundle: Path, tmp_path: Path
) -> None:
    data = used(bundle, tmp_path / "data", "one")
    third = migration("0002_size", RUN, step=BACKGROUND)
    newer = make_version(
        bundle, tmp_path, "2.0", SECOND | {"things/migrations/0003_thread.py": third}
    )
    assert start(newer, data.root, after="import tiny; tiny.finish()").code == 0
    assert rows(data.database("default")) == [(1, "one", 1), (2, "of a thread", 7)]


@pytest.mark.parametrize("mode", ["DELETE", "TRUNCATE"])
def test_project_with_a_journal_of_its_own(bundle: Path, tmp_path: Path, mode: str) -> None:
    settings = PROJECT["tiny/settings.py"] + (
        '\n        DATABASES["default"]["OPTIONS"] = {"init_command": '
        f'"PRAGMA journal_mode={mode}"}}\n'
    )
    older = make_version(bundle, tmp_path, "1.0", {"settings.py": settings})
    data = used(older, tmp_path / "data", "one")
    newer = make_version(bundle, tmp_path, "2.0", {"settings.py": settings, **SECOND})
    assert start(newer, data.root).code == 0
    assert rows(data.database("default")) == [(1, "one", 1)]
    assert not list(data.root.glob("*.sqlite3-wal"))
    assert start(newer, data.root) == NOTHING


def test_update_of_a_second_database_alone(bundle: Path, tmp_path: Path) -> None:
    two = (
        PROJECT["tiny/settings.py"]
        + '\n        DATABASES["more"] = DATABASES["default"] | {"NAME": BASE_DIR / "x"}\n'
    )
    older = make_version(bundle, tmp_path, "1.0", {"settings.py": two})
    data = used(older, tmp_path / "data", "one")
    files = {
        "settings.py": two,
        "things/migrations/0002_size.py": migration(FIRST, ADD_FIELD.format("size")),
    }
    assert start(make_version(bundle, tmp_path, "2.0", files), data.root).code == 0
    assert rows(data.database("default")) == [(1, "one", 1)]
    assert rows(data.database("more")) == []
    assert not data.update_marker.exists()
    assert not data.working_copies.exists()


@pytest.mark.parametrize(
    "name", ["backups", "updating", "change.lock", "updating.json", "db.sqlite3"]
)
def test_what_is_in_the_way_is_named(bundle: Path, tmp_path: Path, name: str) -> None:
    """A folder where a file belongs, or a file where a folder belongs."""
    data = used(bundle, tmp_path / "data", "one")
    path = data.root / name
    kept = path.with_name(f"kept {name}")
    if path.exists():
        path.rename(kept)
    if name in {"backups", "updating"}:
        path.write_text("in the way")
    else:
        path.mkdir()
    newer = make_version(bundle, tmp_path, "2.0", SECOND)
    refused = start(newer, data.root)
    assert refused.code in {5, 7, 10}
    assert str(path) in refused.error
    assert "damaged" not in refused.error
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink()
    if kept.exists():
        kept.rename(path)
    assert start(newer, data.root).code == 0
    assert rows(data.database("default")) == [(1, "one", 1)]
