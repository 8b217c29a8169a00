"""What this version of the project would do to a database, found out without changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.migrations.loader import MigrationLoader
    from django.db.models import Model

    from djdesk_runtime.data.schema import Migration, Schema


def load_migrations() -> MigrationLoader:
    """Return the project's migrations, read without opening a database."""
    from django.db.migrations.loader import MigrationLoader

    return MigrationLoader(None)


def known_migrations(loader: MigrationLoader) -> frozenset[Migration]:
    """Return the migrations that the project has, and those that they replace."""
    migrations = loader.disk_migrations or {}
    replaced = (name for migration in migrations.values() for name in migration.replaces)
    return frozenset({*migrations, *replaced})


def is_pending(loader: MigrationLoader, alias: str, schema: Schema) -> bool:
    """Tell whether the database *alias*, which has *schema*, is to be changed.

    It is opened only where *schema* alone does not tell: squashed migrations may be complete
    without being recorded.
    """
    if lacks_tables(loader, alias, schema):
        return True
    if schema.applied.issuperset(loader.graph.nodes):
        return False
    return not schema.applied or planned_migrations(alias) > 0


def lacks_tables(loader: MigrationLoader, alias: str, schema: Schema) -> bool:
    """Tell whether an application without migrations is without one of its tables."""
    present = {name.casefold() for name in schema.tables}
    return any(
        model._meta.db_table.casefold() not in present  # noqa: SLF001 - Django's documented name
        for model in models_without_migrations(loader, alias)
    )


def models_without_migrations(loader: MigrationLoader, alias: str) -> Iterator[type[Model]]:
    """Yield the models whose tables ``migrate --run-syncdb`` makes in the database *alias*."""
    from django.apps import apps
    from django.db import router

    for label in sorted(loader.unmigrated_apps):
        for model in router.get_migratable_models(apps.get_app_config(label), alias):
            if model._meta.can_migrate(alias):  # noqa: SLF001 - Django's documented name
                yield model


def count_migrations(loader: MigrationLoader, alias: str, schema: Schema) -> int:
    """Return how many migrations the database *alias*, which has *schema*, lacks.

    One that is new is not opened: that would create it.
    """
    return planned_migrations(alias) if schema.applied else len(loader.graph.nodes)


def planned_migrations(alias: str) -> int:
    """Return how many migrations Django itself would apply to the database *alias*."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    connection = connections[alias]
    try:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    finally:
        connection.close()
