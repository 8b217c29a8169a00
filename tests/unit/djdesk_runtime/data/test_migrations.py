from pathlib import Path

from tests.unit.djdesk_runtime.made_bundle import run

LEFT_IN_LOG = """
import shutil, sqlite3
from pathlib import Path
from django.core.management import call_command
from django.db import connection
from djdesk_runtime.data.migrations import close_databases
from tiny.things.models import Thing

def names():
    name = Path(connection.settings_dict["NAME"])
    alone = shutil.copy(name, name.with_name("alone.sqlite3"))
    reader = sqlite3.connect(alone)
    print([row[0] for row in reader.execute("SELECT name FROM things_thing")])
    reader.close()

call_command("migrate", verbosity=0)
# While another connection is open, closing one leaves its changes in the write-ahead log.
other = sqlite3.connect(connection.settings_dict["NAME"])
other.execute("SELECT * FROM things_thing").fetchall()
connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
Thing.objects.create(name="written")
connection.close()
names()
close_databases()
names()
"""


def test_closing_writes_the_write_ahead_log_back(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "manage", "--data-dir", str(tmp_path), "shell", "-v0", "-c", LEFT_IN_LOG)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["[]", "['written']"]


UPDATE = """
from djdesk_runtime.data.migrations import update_databases
update_databases(print)
update_databases(print)
from django.core.management import call_command
call_command("migrate", "things", "zero", verbosity=0)
update_databases(print)
"""


def test_progress_says_what_is_done(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "manage", "--data-dir", str(tmp_path), "shell", "-v0", "-c", UPDATE)
    assert done.returncode == 0, done.stderr
    # "zero" leaves no migration applied: the project has one application only.
    assert done.stdout.splitlines()[2:] == ["Preparing your data…", "Preparing your data…"]


OTHER_DATABASES = """
from django.conf import settings
from djdesk_runtime.data.migrations import user_databases
settings.DATABASES["memory"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
print([connection.alias for connection in user_databases()])
"""


def test_only_files_are_updated(bundle: Path, tmp_path: Path) -> None:
    line = ["manage", "--data-dir", str(tmp_path), "shell", "-v0", "-c", OTHER_DATABASES]
    done = run(bundle, *line)
    assert done.stdout.splitlines()[-1] == "['default']", done.stderr
