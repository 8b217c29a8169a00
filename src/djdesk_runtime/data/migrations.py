"""Bringing the user's databases to the schema of this version of the project."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.data.databases import is_file_database
from djdesk_runtime.errors import DatabaseUpdateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

log = logging.getLogger(__name__)


def user_databases() -> Iterator[BaseDatabaseWrapper]:
    """Yield the connections to SQLite files. A database server is not this computer's to change."""
    from django.db import connections

    for alias in connections:
        if is_file_database(connections.settings[alias]):
            yield connections[alias]


def update_databases(progress: Callable[[str], None]) -> None:
    """Apply pending migrations; *progress* is called only when there are any.

    Raises `DatabaseUpdateError`.
    """
    for connection in user_databases():
        try:
            update_database(connection, progress)
        except Exception as error:
            log.exception("the database %s could not be updated", connection.alias)
            raise DatabaseUpdateError(
                "Your data could not be brought up to date for this version.",
                why=f"{type(error).__name__}: {error}",
                next_step="Start the version that you used before, and report this problem.",
            ) from error
        finally:
            connection.close()


def update_database(connection: BaseDatabaseWrapper, progress: Callable[[str], None]) -> None:
    """Migrate the database of *connection* if anything is pending."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return
    new = not executor.loader.applied_migrations
    progress("Preparing your data…" if new else "Updating your data…")
    log.info("%d migrations to apply to the database %s", len(plan), connection.alias)
    from django.core.management import call_command

    call_command(
        "migrate", database=connection.alias, interactive=False, run_syncdb=True, verbosity=0
    )


def close_databases() -> None:
    """Write what is left in write-ahead logs into the database files and let go of them."""
    for connection in user_databases():
        name = connection.settings_dict["NAME"]
        if not Path(f"{name}-wal").exists():
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except Exception:
            # Nothing is lost: SQLite does the same when the database is next opened.
            log.exception("the write-ahead log of %s could not be written back", name)
        finally:
            connection.close()
