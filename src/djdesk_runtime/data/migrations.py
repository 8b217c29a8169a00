"""Bringing the user's databases to the schema of this version of the project."""

from __future__ import annotations

import itertools
import logging
import sqlite3
from typing import TYPE_CHECKING

from djdesk_runtime.data.changing import change_databases
from djdesk_runtime.data.completeness import require_content
from djdesk_runtime.data.connections import user_files
from djdesk_runtime.data.inventory import take_inventory, write_inventory
from djdesk_runtime.data.pending import (
    count_migrations,
    is_pending,
    known_migrations,
    load_migrations,
)
from djdesk_runtime.data.precautions import damaged
from djdesk_runtime.data.progress import report_step
from djdesk_runtime.data.schema import (
    newer_migrations,
    read_schema,
    read_stamps,
    stamped,
    write_stamps,
)
from djdesk_runtime.data.space import FREE_SPACE, is_disk_full
from djdesk_runtime.data.uploads import create_upload_folders
from djdesk_runtime.errors import DatabaseUpdateError, DjdeskError, NewerDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.schema import Migration, Schema, Stamps


NAMED = 3

log = logging.getLogger(__name__)


def update_databases(bundle: BundleInfo, data: DataFolder, updating: Callable[[str], None]) -> None:
    """Apply pending migrations, all or none of them, with a backup of what was before.

    To be called with *data* locked and recovered, and the project loaded. *updating* is told
    what is going on, if there is something to do. Raises `NewerDatabaseError`, having changed
    nothing, and `DatabaseUpdateError`.
    """
    files = user_files()
    stamps = read_stamps(data.schema_file)
    try:
        loader = load_migrations()
        known = known_migrations(loader)
        schemas = read_schemas(files)
        refuse_newer(bundle, files, schemas, known, stamps)
        require_content(bundle.root, data, schemas, stamps)
        pending = [alias for alias in files if is_pending(loader, alias, schemas[alias])]
        if pending:
            new = not any(schemas[alias].applied for alias in pending)
            updating("Preparing your data…" if new else "Updating your data…")
            counts = {alias: count_migrations(loader, alias, schemas[alias]) for alias in pending}
            change_databases(bundle, data, files, lambda: migrate(counts))
            schemas = read_schemas(files)
    except DjdeskError:
        raise
    except (Exception, SystemExit) as error:
        log.exception("the databases could not be updated")
        raise not_updated(error) from error
    record(bundle, data, schemas, known, stamps)


def guard(bundle: BundleInfo, data: DataFolder, change: Callable[[], None]) -> None:
    """Let *change*, a command that the user has given, change the databases; all or nothing.

    To be called as `update_databases` is. Raises what *change* raises, having undone it, and
    `NewerDatabaseError` and `DatabaseUpdateError` as an update does.
    """
    files = user_files()
    stamps = read_stamps(data.schema_file)
    known = known_migrations(load_migrations())
    schemas = read_schemas(files)
    refuse_newer(bundle, files, schemas, known, stamps)
    require_content(bundle.root, data, schemas, stamps)
    change_databases(bundle, data, files, change)
    record(bundle, data, read_schemas(files), known, stamps)


def read_schemas(files: Mapping[str, Path]) -> dict[str, Schema]:
    """Return what every database of *files* has, changing none. Raises `DatabaseUpdateError`."""
    schemas = {}
    for alias, path in files.items():
        try:
            schemas[alias] = read_schema(path)
        except sqlite3.Error as error:
            raise damaged(path, str(error)) from error
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
                next_step="Start the newer version, or install it again.",
            )


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


def not_updated(error: BaseException) -> DatabaseUpdateError:
    """Return the error that says *error* ended the update, and that nothing has come of it."""
    if is_disk_full(error):
        next_step = FREE_SPACE
    else:
        next_step = "Start the version that you used before, and report this problem."
    return DatabaseUpdateError(
        "Your data could not be brought up to date for this version. It is as it was before.",
        why=f"{type(error).__name__}: {error}",
        next_step=next_step,
    )
