import json
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

from djdesk_runtime.data.backups import make_backup
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.retention import NEWEST_KEPT
from djdesk_runtime.data.sqlite_files import beside, is_absent
from tests.unit.djdesk_runtime.data.made_databases import contents, damage
from tests.unit.djdesk_runtime.data.updates import (
    ADD_FIELD,
    RUN,
    Start,
    database_files,
    make_version,
    migration,
    start,
)
from tests.unit.djdesk_runtime.made_bundle import PROJECT

FIRST = "0001_initial"
SECOND = {"things/migrations/0002_size.py": migration(FIRST, ADD_FIELD.format("size"))}
WRITE = """
from django.db import connection
connection.cursor().execute("INSERT INTO things_thing (name{more}) VALUES ({name!r}{values})")
"""
NOTHING = Start([], 0, "")


def write(name: str, **more: object) -> str:
    """Return the lines that write a row."""
    names, values = ("".join(f", {x}" for x in part) for part in (more, more.values()))
    return WRITE.format(name=name, more=names, values=values)


def used(bundle: Path, root: Path, *names: str) -> DataFolder:
    """Return the data of the bundle's version after it was used."""
    written = "\n".join(write(name) for name in names)
    assert start(bundle, root, after=written).code == 0
    return DataFolder(root)


def rows(database: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT * FROM things_thing ORDER BY id").fetchall()


def backups(data: DataFolder) -> list[Path]:
    return sorted(data.backups.iterdir()) if data.backups.exists() else []


def test_new_database_is_prepared_once(bundle: Path, tmp_path: Path) -> None:
    assert start(bundle, tmp_path) == Start(["Preparing your data…"], 0, "")
    data = DataFolder(tmp_path)
    assert backups(data) == []
    assert not data.update_marker.exists()
    if sys.platform != "win32":
        assert stat.S_IMODE(data.database("default").stat().st_mode) == 0o600
    assert start(bundle, tmp_path) == NOTHING


def test_nothing_to_do_opens_nothing_and_writes_nothing(bundle: Path, tmp_path: Path) -> None:
    data = used(bundle, tmp_path)
    before = contents(tmp_path)
    loads = """
        import django.db.migrations.loader as loader
        real, counted = loader.MigrationLoader.__init__, []
        def count(*given, **named):
            counted.append(1)
            real(*given, **named)
        loader.MigrationLoader.__init__ = count
    """
    look = """
        from django.db import connections
        assert connections["default"].connection is None
        assert counted == [1], counted
    """
    trimmed = [line.replace("        ", "", 1) for line in loads.splitlines()]
    looked = [line.strip() for line in look.splitlines()]
    assert start(bundle, tmp_path, before="\n".join(trimmed), after="\n".join(looked)) == NOTHING
    assert contents(tmp_path) == before
    assert backups(data) == []


def test_update_makes_a_backup_first(bundle: Path, tmp_path: Path) -> None:
    data = used(bundle, tmp_path / "data", "one")
    newer = make_version(bundle, tmp_path, "2.0", SECOND)
    assert start(newer, data.root) == Start(["Updating your data…"], 0, "")
    [backup] = backups(data)
    assert "-update-2.0.sqlite3" in backup.name
    assert rows(backup) == [(1, "one")]
    assert rows(data.database("default")) == [(1, "one", 1)]
    assert not data.update_marker.exists()
    assert json.loads(data.schema_file.read_text()) == {
        "version": "2.0",
        "migrations": {"default": {"things.0001_initial": "2.0", "things.0002_size": "2.0"}},
    }
    assert start(newer, data.root) == NOTHING


HALF = """
    apps.get_model("things", "Thing").objects.create(name="half")
    raise RuntimeError("this migration fails")
"""
# It leaves the database locked.
HALF_LOCKED = 'schema_editor.connection.cursor().execute("BEGIN IMMEDIATE")\n' + dedent(HALF)


def test_failed_update_leaves_everything_as_it_was(bundle: Path, tmp_path: Path) -> None:
    data = used(bundle, tmp_path / "data", "one")
    third = migration("0002_size", ADD_FIELD.format("third"), RUN, step=HALF_LOCKED, atomic=False)
    newer = make_version(
        bundle, tmp_path, "2.0", SECOND | {"things/migrations/0003_half.py": third}
    )
    before = rows(data.database("default"))
    stamps = data.schema_file.read_bytes()
    number = data.database("default").stat().st_ino
    for _ in range(2):
        failed = start(newer, data.root)
        assert failed.messages == ["Updating your data…"]
        assert failed.code == 7
        assert "RuntimeError: this migration fails" in failed.error
        assert "as it was before" in failed.error
        assert "Start version 1.2.3 again" in failed.error, "it was used before"
        assert rows(data.database("default")) == before == [(1, "one")]
        assert data.database("default").stat().st_ino == number
        assert not data.update_marker.exists()
        assert data.schema_file.read_bytes() == stamps
    assert "this migration fails" in data.log_file.read_text(encoding="utf-8")
    assert start(bundle, data.root) == NOTHING


def test_failed_first_start_leaves_nothing_in_the_database(bundle: Path, tmp_path: Path) -> None:
    failing = {"things/migrations/0002_half.py": migration(FIRST, RUN, step=HALF)}
    version = make_version(bundle, tmp_path, "2.0", failing)
    failed = start(version, tmp_path / "data")
    assert failed.code == 7
    assert "version that" not in failed.error
    # Not deleted: what another program commits to a file without a name is lost.
    assert all(is_absent(path) for path in DataFolder(tmp_path / "data").databases().values())
    assert not (tmp_path / "data" / "updating").exists()
    assert start(bundle, tmp_path / "data") == Start(["Preparing your data…"], 0, "")


def test_update_that_is_left_in_the_middle_has_changed_nothing(
    bundle: Path, tmp_path: Path
) -> None:
    data = used(bundle, tmp_path / "data", "one")
    leave = migration("0002_size", RUN, step="import os; os._exit(0)")
    files = SECOND | {"things/migrations/0003_leave.py": leave}
    newer = make_version(bundle, tmp_path, "2.0", files)
    with pytest.raises(AssertionError):
        start(newer, data.root)
    assert not data.update_marker.exists()
    assert rows(data.working_copies / "db.sqlite3") == [(1, "one", 1)]
    assert rows(data.database("default")) == [(1, "one")]
    assert start(bundle, data.root) == NOTHING
    assert not data.working_copies.exists()


@pytest.mark.parametrize("code", [0, 3, "no more"])
def test_migration_that_exits_has_failed(bundle: Path, tmp_path: Path, code: object) -> None:
    data = used(bundle, tmp_path / "data", "one")
    leave = migration("0002_size", RUN, step=f"raise SystemExit({code!r})")
    files = SECOND | {"things/migrations/0003_leave.py": leave}
    failed = start(make_version(bundle, tmp_path, "2.0", files), data.root)
    assert failed.code == 7
    assert f"SystemExit: {code}" in failed.error
    assert rows(data.database("default")) == [(1, "one")]
    assert not data.update_marker.exists()
    assert "raise SystemExit" in data.log_file.read_text(encoding="utf-8")


def test_version_that_was_not_used_before_is_not_advised(bundle: Path, tmp_path: Path) -> None:
    """The same version may have something to migrate: after a restore, or in development."""
    data = used(bundle, tmp_path / "data", "one")
    failing = {"things/migrations/0002_half.py": migration(FIRST, RUN, step=HALF)}
    failed = start(make_version(bundle, tmp_path, "1.2.3", failing), data.root)
    assert failed.code == 7
    assert "Start version" not in failed.error
    assert str(data.log_file) in failed.error


def test_migrations_module_that_exits(bundle: Path, tmp_path: Path) -> None:
    files = {"things/migrations/0002_leave.py": "raise SystemExit(0)"}
    failed = start(make_version(bundle, tmp_path, "2.0", files), tmp_path / "data")
    assert failed.code == 7
    assert "SystemExit: 0" in failed.error


def test_update_that_fails_at_every_start_keeps_only_so_many_backups(
    bundle: Path, tmp_path: Path
) -> None:
    data = used(bundle, tmp_path / "data", "one")
    for _ in range(NEWEST_KEPT + 5):
        make_backup(data, "default", "manual", "1.0")
    failing = {"things/migrations/0002_half.py": migration(FIRST, RUN, step=HALF)}
    assert start(make_version(bundle, tmp_path, "2.0", failing), data.root).code == 7
    assert len(backups(data)) <= NEWEST_KEPT + 1, "the newest of two days, around midnight"


@pytest.mark.parametrize("killed", [False, True])
def test_newer_database_is_refused_unchanged(bundle: Path, tmp_path: Path, killed: bool) -> None:
    newer = make_version(bundle, tmp_path, "2.0", SECOND)
    kill = "import os; print('\\n[[], 0, \"\"]', flush=True); os._exit(9)" if killed else ""
    data = DataFolder(tmp_path / "data")
    assert start(newer, data.root, after=write("one", size=2) + kill).code == 0
    assert beside(data.database("default"), "-wal").exists() == killed
    before = contents(data.root)
    for _ in range(2):
        refused = start(bundle, data.root)
        assert refused.code == 9
        assert refused.messages == []
        assert "things.0002_size" in refused.error
        assert "newer version of Tiny Site" in refused.error
        assert ("Start version 2.0" in refused.error) == data.schema_file.exists()
        after = contents(data.root)
        del before["logs/app.log"], after["logs/app.log"]
        assert after == before
        before = contents(data.root)
    assert start(newer, data.root) == NOTHING


MORE = {
    "settings.py": PROJECT["tiny/settings.py"].replace(
        '"tiny.things"', '"tiny.things", "tiny.more"'
    ),
    "more/__init__.py": "",
    "more/models.py": PROJECT["tiny/things/models.py"],
    "more/migrations/__init__.py": "",
    "more/migrations/0001_initial.py": PROJECT["tiny/things/migrations/0001_initial.py"],
}


def test_application_that_an_older_version_had_is_no_reason_to_refuse(
    bundle: Path, tmp_path: Path
) -> None:
    older = make_version(bundle, tmp_path, "1.0", MORE)
    data = used(older, tmp_path / "data", "one")
    later = make_version(bundle, tmp_path, "1.3", SECOND)
    assert start(bundle, data.root) == NOTHING
    assert start(bundle, data.root) == NOTHING
    assert start(later, data.root) == Start(["Updating your data…"], 0, "")
    assert start(later, data.root) == NOTHING
    assert start(older, data.root).code == 9
    stamps = json.loads(data.schema_file.read_text())["migrations"]["default"]
    assert stamps["more.0001_initial"] == "1.0"


@pytest.mark.parametrize("case", ["no record", "same version", "newer version"])
def test_application_that_is_not_known_to_be_of_an_older_version(
    bundle: Path, tmp_path: Path, case: str
) -> None:
    version = {"same version": "1.2.3", "newer version": "1.10"}.get(case, "1.0")
    data = used(make_version(bundle, tmp_path, version, MORE), tmp_path / "data", "one")
    if case == "no record":
        data.schema_file.unlink()
    before = database_files(data)
    refused = start(bundle, data.root)
    assert refused.code == 9
    assert "more.0001_initial" in refused.error
    assert database_files(data) == before


def test_squashed_migrations_are_known(bundle: Path, tmp_path: Path) -> None:
    before = make_version(bundle, tmp_path, "1.0", SECOND)
    data = used(before, tmp_path / "data")
    squashed = """
        from django.db import migrations, models
        class Migration(migrations.Migration):
            replaces = [("things", "0001_initial"), ("things", "0002_size")]
            operations = [migrations.CreateModel("Thing", [
                ("id", models.AutoField(primary_key=True)),
                ("name", models.CharField(max_length=20)),
                ("size", models.IntegerField(default=1)),
            ])]
    """
    files = {
        "things/migrations/0001_initial.py": None,
        "things/migrations/0001_squashed.py": squashed,
    }
    after = make_version(bundle, tmp_path, "1.1", files)
    assert start(after, data.root) == NOTHING
    assert start(after, tmp_path / "new") == Start(["Preparing your data…"], 0, "")
    data.schema_file.unlink()
    assert start(after, data.root) == NOTHING


def test_application_without_migrations_gets_its_tables(bundle: Path, tmp_path: Path) -> None:
    data = used(bundle, tmp_path / "data", "one")
    files = {name: text for name, text in MORE.items() if "migrations" not in name}
    newer = make_version(bundle, tmp_path, "2.0", files)
    assert start(newer, data.root) == Start(["Updating your data…"], 0, "")
    assert start(newer, data.root) == NOTHING
    with closing(sqlite3.connect(data.database("default"))) as connection:
        assert connection.execute("SELECT count(*) FROM more_thing").fetchone() == (0,)


def test_all_databases_are_restored_when_one_fails(bundle: Path, tmp_path: Path) -> None:
    two = (
        PROJECT["tiny/settings.py"]
        + '\n        DATABASES["more"] = DATABASES["default"] | {"NAME": BASE_DIR / "x"}\n'
    )
    older = make_version(bundle, tmp_path, "1.0", {"settings.py": two})
    data = used(older, tmp_path / "data", "one")
    step = """
        assert schema_editor.connection.alias == "default", "only one can be updated"
    """
    files = {
        "things/migrations/0002_half.py": migration(FIRST, ADD_FIELD.format("size"), RUN, step=step)
    }
    newer = make_version(older, tmp_path, "2.0", files)
    failed = start(newer, data.root)
    assert "only one can be updated" in failed.error
    assert rows(data.database("default")) == [(1, "one")]
    assert rows(data.database("more")) == []
    assert len(backups(data)) == 2
    assert start(older, data.root) == NOTHING


def test_damaged_database_is_not_updated(bundle: Path, tmp_path: Path) -> None:
    data = used(bundle, tmp_path / "data", *(["x" * 20] * 3))
    with closing(sqlite3.connect(data.database("default"))) as connection:
        many = [("x" * 1000,)] * 1000
        connection.executemany("INSERT INTO things_thing (name) VALUES (?)", many)
        connection.commit()
    with data.database("default").open("r+b") as file:
        file.seek(100_000)
        file.write(b"\xff" * 20_000)
    before = database_files(data)
    failed = start(make_version(bundle, tmp_path, "2.0", SECOND), data.root)
    assert failed.code == 7
    assert "damaged" in failed.error
    assert "no copy of it" in failed.error
    assert database_files(data) == before
    assert not data.backups.exists()
    damage(data.database("default"))
    data.database("default").write_bytes(b"no database at all" * 1000)
    assert "file is not a database" in start(bundle, data.root).error


def test_too_little_room_changes_nothing(bundle: Path, tmp_path: Path) -> None:
    data = used(bundle, tmp_path / "data", "one")
    before = database_files(data)
    full = (
        "import shutil; shutil.disk_usage = lambda path: shutil._ntuple_diskusage(10**9, 10**9, 5)"
    )
    failed = start(make_version(bundle, tmp_path, "2.0", SECOND), data.root, before=full)
    assert failed.code == 7
    assert "not enough space" in failed.error
    assert database_files(data) == before
    assert backups(data) == []
    assert start(bundle, data.root) == NOTHING


def test_version_goes_on_where_schema_file_cannot_be_written(bundle: Path, tmp_path: Path) -> None:
    data = used(bundle, tmp_path / "data", "one")
    data.schema_file.unlink()
    data.schema_file.mkdir()
    assert start(bundle, data.root) == NOTHING


OTHER_DATABASES = """
from django.conf import settings
from djdesk_runtime.data.connections import user_databases
settings.DATABASES["memory"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
assert [connection.alias for connection in user_databases()] == ["default"]
"""


def test_only_files_are_updated(bundle: Path, tmp_path: Path) -> None:
    assert start(bundle, tmp_path, after=OTHER_DATABASES).code == 0


LEFT_IN_LOG = """
import shutil, sqlite3
from django.db import connection
from tiny.things.models import Thing

def names():
    alone = shutil.copy(data.database("default"), data.root / "alone.sqlite3")
    reader = sqlite3.connect(alone)
    found = [row[0] for row in reader.execute("SELECT name FROM things_thing")]
    reader.close()
    return found

# While another connection is open, closing one leaves its changes in the write-ahead log.
other = sqlite3.connect(data.database("default"))
other.execute("SELECT * FROM things_thing").fetchall()
Thing.objects.create(name="written")
connection.close()
assert names() == []
close_databases()
assert names() == ["written"]
"""


def test_closing_writes_the_write_ahead_log_back(bundle: Path, tmp_path: Path) -> None:
    assert start(bundle, tmp_path, after=LEFT_IN_LOG).code == 0
