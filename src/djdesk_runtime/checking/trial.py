"""The command ``try-writing``: whether the user's databases can really be written.

It is what the shell's smoke test asks for, beside a running server or without one. Only
databases in the data folder are tried. Each gets a table, a row in it that is read again over a
new connection, and loses the table; nothing else in it is touched.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.alone import recover_first
from djdesk_runtime.data.command_locks import shared_access
from djdesk_runtime.data.connections import user_files
from djdesk_runtime.data.failures import explain
from djdesk_runtime.data.folder import locate_data, prepare_data
from djdesk_runtime.errors import DatabaseWriteError
from djdesk_runtime.project.loading import enter, load_project
from djdesk_runtime.project.working_folder import prepare_working_folder
from djdesk_runtime.serving.events import claim_standard_output

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

TABLE = "djdesk_trial"


def try_writing(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Write into every database, and print which ones as JSON. Raises `DatabaseWriteError`."""
    # What the project prints must not come before the document.
    output = claim_standard_output().descriptor
    bundle = read_bundle(root)
    data = prepare_data(locate_data(options.data_dir, environment, bundle.identifier))
    recover_first(bundle, data)
    with shared_access(data, "try-writing"):
        prepare_working_folder(bundle, data)
        enter(bundle, data)
        load_project(bundle, data)
        tried = [write_and_read(alias, file) for alias, file in user_files().items()]
    if output is not None:
        os.write(output, json.dumps({"databases": tried}).encode("ascii") + b"\n")
    return 0


def write_and_read(alias: str, file: Path) -> dict[str, str]:
    """Write a row into the database *alias* and read it; return what to print of that."""
    from django.db import Error, connections

    connection = connections[alias]
    value = secrets.token_hex(16)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
            cursor.execute(f"CREATE TABLE {TABLE} (value text)")
            cursor.execute(f"INSERT INTO {TABLE} VALUES (%s)", [value])  # noqa: S608 - a constant
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT value FROM {TABLE}")  # noqa: S608 - a constant
            found = cursor.fetchall()
            cursor.execute(f"DROP TABLE {TABLE}")
    except Error as error:
        raise not_written(file, error) from error
    finally:
        connection.close()
    if found != [(value,)]:
        raise not_kept(file)
    return {"alias": alias, "file": file.name}


def not_written(file: Path, error: Exception) -> DatabaseWriteError:
    """Return the error that says *error* kept something from being written to *file*."""
    failure = explain(error, file)
    return DatabaseWriteError(
        f"The database {file} cannot be written.", why=failure.why, next_step=failure.hint
    )


def not_kept(file: Path) -> DatabaseWriteError:
    """Return the error that says the database in *file* does not hold what was written to it."""
    return DatabaseWriteError(
        f"The database {file} does not keep what is written to it.",
        why="what was read is not what was written",
        next_step="Have the disk checked; if nothing is wrong with it, report this problem.",
    )
