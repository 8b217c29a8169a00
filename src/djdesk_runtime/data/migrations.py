"""Bringing the user's databases to the schema of this version of the project."""

from __future__ import annotations

import itertools
import logging
import sqlite3
from typing import TYPE_CHECKING

from djdesk_runtime.data.advice import database_error
from djdesk_runtime.data.changing import change_databases
from djdesk_runtime.data.completeness import require_content
from djdesk_runtime.data.connections import user_files
from djdesk_runtime.data.failures import Cause, explain
from djdesk_runtime.data.inventory import take_inventory, write_inventory
from djdesk_runtime.data.pending import (
    count_migrations,
    is_pending,
    known_migrations,
    load_migrations,
)
from djdesk_runtime.data.progress import report_step
from djdesk_runtime.data.schema import (
    newer_migrations,
    read_last_version,
    read_schema,
    read_stamps,
    stamped,
    write_stamps,
)
from djdesk_runtime.data.uploads import create_upload_folders
from djdesk_runtime.data.waiting import WaitCancelledError, never
from djdesk_runtime.errors import DatabaseUpdateError, DjdeskError, NewerDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.schema import Migration, Schema, Stamps


NAMED = 3

log = logging.getLogger(__name__)


def update_databases(
    bundle: BundleInfo,
    data: DataFolder,
    updating: Callable[[str], None],
    cancelled: Callable[[], bool] = never,
) -> None:
    """Apply pending migrations, all or none of them, with a backup of what was before.

    To be called with *data* locked and recovered, and the project loaded. *updating* is told
    what is going on, if there is something to do. Raises `NewerDatabaseError`, `DataInUseError`
    and `WaitCancelledError` (when *cancelled* says so while others are waited for), having
    changed nothing, and `DatabaseUpdateError`.
    """
    files = user_files()
    stamps = read_stamps(data.schema_file)
    new = False
    try:
        loader = load_migrations()
        known = known_migrations(loader)
        schemas = read_schemas(bundle, data, files)
        new = not any(schema.applied for schema in schemas.values())
        refuse_newer(bundle, files, schemas, known, stamps)
        require_content(bundle.root, data, schemas, stamps)
        pending = [alias for alias in files if is_pending(loader, alias, schemas[alias])]
        if pending:
            fresh = not any(schemas[alias].applied for alias in pending)
            updating("Preparing your data…" if fresh else "Updating your data…")
            counts = {alias: count_migrations(loader, alias, schemas[alias]) for alias in pending}
            change_databases(
                bundle,
                data,
                files,
                lambda: migrate(counts),
                tell=updating,
                cancelled=cancelled,
            )
            schemas = read_schemas(bundle, data, files)
    except (DjdeskError, WaitCancelledError):
        raise
    except (Exception, SystemExit) as error:
        log.exception("the databases could not be updated")
        raise not_updated(bundle, data, error, new=new) from error
    record(bundle, data, schemas, known, stamps)


def guard(
    bundle: BundleInfo, data: DataFolder, change: Callable[[], None], tell: Callable[[str], None]
) -> None:
    """Let *change*, a command that the user has given, change the databases; all or nothing.

    To be called as `update_databases` is. Raises what *change* raises, having kept nothing of it,
    and `NewerDatabaseError`, `DataInUseError` and `DatabaseUpdateError` as an update does.
    """
    files = user_files()
    stamps = read_stamps(data.schema_file)
    known = known_migrations(load_migrations())
    schemas = read_schemas(bundle, data, files)
    refuse_newer(bundle, files, schemas, known, stamps)
    require_content(bundle.root, data, schemas, stamps)
    change_databases(bundle, data, files, change, tell=tell, cancelled=never)
    record(bundle, data, read_schemas(bundle, data, files), known, stamps)


def read_schemas(
    bundle: BundleInfo, data: DataFolder, files: Mapping[str, Path]
) -> dict[str, Schema]:
    """Return what every database of *files* has, changing none. Raises `DatabaseUpdateError`."""
    schemas = {}
    for alias, path in files.items():
        try:
            schemas[alias] = read_schema(path)
        except (sqlite3.Error, OSError) as error:
            raise database_error(bundle.root, data, path, error) from error
    return schemas


def refuse_newer(
    bundle: BundleInfo,
    files: Mapping[str, Path],
    schemas: Mapping[str, Schema],
    known: frozenset[Migration],
    stamps: Stamps,
) -> None:
    """Raise `NewerDatabaseError` when a database may be the work of a newer version."""
    for alias, schema in schemas.items():
        newer = newer_migrations(schema.applied, known, stamps.get(alias, {}), bundle.version)
        if newer:
            more = f" and {len(newer) - NAMED} more" if len(newer) > NAMED else ""
            raise NewerDatabaseError(
                f"Your data was last used by a newer version of {bundle.name}. It was not changed.",
                why=(
                    f"Version {bundle.version} does not know what was done to {files[alias]}: "
                    f"{', '.join(newer[:NAMED])}{more}"
                ),
                next_step=newer_hint(stamps.get(alias, {}).get(newer[0], "")),
            )


def newer_hint(version: str) -> str:
    """Return what to do about data of a newer version, *version* if that is known."""
    if not version:
        return "Start the newer version, or install it again."
    return f"Start version {version} or a later one, or install it again."


def migrate(counts: Mapping[str, int]) -> None:
    """Apply the project's migrations, of which *counts* says how many each database lacks."""
    from django.core.management import call_command, get_commands, load_command_class

    total = sum(counts.values())
    numbers = itertools.count(1)

    def follow(action: str, migration: object = None, *_: object, **__: object) -> None:
        if action == "apply_start":
            report_step("Migration", next(numbers), total, str(migration))

    app = get_commands()["migrate"]
    for alias in counts:
        log.info("updating the database %s", alias)
        command = load_command_class(app, "migrate")
        # What Django's own command prints by, at a higher verbosity; the project's may have none.
        vars(command)["migration_progress_callback"] = follow
        call_command(command, database=alias, interactive=False, run_syncdb=True, verbosity=0)


def record(
    bundle: BundleInfo,
    data: DataFolder,
    schemas: Mapping[str, Schema],
    known: frozenset[Migration],
    stamps: Stamps,
) -> None:
    """Note which migrations this version found and knows, and what the data folder holds.

    The application runs without these notes.
    """
    new = {
        alias: stamped(schema.applied, known, stamps.get(alias, {}), bundle.version)
        for alias, schema in schemas.items()
    }
    try:
        write_stamps(data.schema_file, bundle.version, new)
        write_inventory(data, take_inventory(data, create_upload_folders(data)))
    except OSError as error:
        log.warning("what %s holds could not be noted: %s", data.root, error)


def not_updated(
    bundle: BundleInfo, data: DataFolder, error: BaseException, *, new: bool
) -> DatabaseUpdateError:
    """Return the error that says *error* ended the update, and that nothing has come of it.

    *new*: there was no data before.
    """
    failure = explain(error, data.root)
    before = read_last_version(data.schema_file)
    hint = failure.hint
    if failure.cause is Cause.OTHER:
        report = f"report this problem; {data.log_file} has more."
        other = before not in {"", bundle.version}
        hint = f"Start version {before} again, which you used before, and {report}"
        hint = hint if other and not new else report[0].upper() + report[1:]
    what = (
        "Your data could not be prepared. Nothing of it was there before, and nothing is now."
        if new
        else "Your data could not be brought up to date for this version. It is as it was before."
    )
    return DatabaseUpdateError(what, why=failure.why, next_step=hint)
