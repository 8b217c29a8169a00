"""Versions of the tiny project, and starts of them up to the point where databases are ready."""

import json
import shutil
import subprocess
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.sqlite_files import beside
from tests.unit.djdesk_runtime.data.made_databases import contents
from tests.unit.djdesk_runtime.made_bundle import (
    LIMIT_SECONDS,
    MANIFEST,
    command,
    environment,
    link,
    write_project,
)

START = """
import json, sys
from pathlib import Path
# The packages of the version that all are copied from, for which there is bytecode.
sys.path.insert(1, str((Path(sys.argv[1]) / "packages").resolve()))
from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.folder import DataFolder, prepare_data
from djdesk_runtime.data.lock import lock_data
from djdesk_runtime.data.recovery import recover_data
from djdesk_runtime.errors import DjdeskError
from djdesk_runtime.project import loading
from djdesk_runtime.project.loading import enter, load_project

bundle = read_bundle(Path(sys.argv[1]))
loading.BUNDLE = bundle.root
data = prepare_data(DataFolder(Path(sys.argv[2])))
messages, code, error = [], 0, ""
try:
    with lock_data(data):
        recover_data(bundle, data, messages.append)
        enter(bundle, data)
        load_project(bundle, data)
        from djdesk_runtime.data.connections import close_databases
        from djdesk_runtime.data.migrations import update_databases
        exec(sys.argv[3])
        update_databases(bundle, data, messages.append)
        exec(sys.argv[4])
        close_databases()
except DjdeskError as caught:
    code, error = caught.exit_code, str(caught)
print("\\n" + json.dumps([messages, code, error]))
"""

MIGRATION = """
from django.db import migrations, models

def step(apps, schema_editor):
{step}

class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [("things", "{before}")]
    operations = [{operations}]
"""
ADD_FIELD = 'migrations.AddField("thing", "{}", models.IntegerField(default=1))'
RUN = "migrations.RunPython(step)"


@dataclass(frozen=True)
class Start:
    """How a start went: what it said, its exit code and the error."""

    messages: list[str]
    code: int
    error: str


def migration(before: str, *operations: str, step: str = "pass", atomic: bool = True) -> str:
    return MIGRATION.format(
        step=textwrap.indent(textwrap.dedent(step), "    "),
        atomic=atomic,
        before=before,
        operations=", ".join(operations),
    )


def make_version(
    bundle: Path, folder: Path, version: str, files: Mapping[str, str | None] | None = None
) -> Path:
    """Copy the bundle as another version, with other files in the project; None deletes one."""
    copy = folder / f"version {version}"
    shutil.copytree(bundle, copy, ignore=shutil.ignore_patterns("packages"))
    link((bundle / "packages").resolve(), copy / "packages")
    for name in [name for name, content in (files or {}).items() if content is None]:
        (copy / "app" / "src" / "tiny" / name).unlink()
    project = copy / "app" / "src" / "tiny"
    write_project(project, {name: text for name, text in (files or {}).items() if text is not None})
    app = dict(MANIFEST["app"]) | {"version": version}  # type: ignore[call-overload]
    (copy / "bundle.json").write_text(json.dumps(MANIFEST | {"app": app}), encoding="utf-8")
    return copy


def start(bundle: Path, root: Path, *, before: str = "", after: str = "") -> Start:
    """Start the bundle with its data in *root*; run Python lines before and after the update."""
    line = command(bundle, [])[:-1]
    done = subprocess.run(
        [*line, "-c", START, str(bundle), str(root), before, after],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(),
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert done.stdout.count("\n["), done.stderr
    return Start(*json.loads(done.stdout.splitlines()[-1]))


def database_files(data: DataFolder) -> dict[str, bytes]:
    """Return the content of the databases and of their logs."""
    names = {
        beside(path, suffix).name for path in data.databases().values() for suffix in ("", "-wal")
    }
    return {name: content for name, content in contents(data.root).items() if name in names}
