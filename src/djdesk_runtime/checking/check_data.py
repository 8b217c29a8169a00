"""The command ``check-data``: whether data is kept from one start to the next, and files are.

A value is left in every database in the data folder and in a file of the default storage, beside
a running server; after a restart it is found again. None of the project's forms has a part in
it. The result is one JSON object on standard output.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.checking.trial import not_kept, not_written
from djdesk_runtime.data.command_locks import shared_access
from djdesk_runtime.data.connections import user_files
from djdesk_runtime.data.folder import locate_data, prepare_data
from djdesk_runtime.errors import DataFolderError
from djdesk_runtime.project.loading import enter, load_project
from djdesk_runtime.project.working_folder import prepare_working_folder
from djdesk_runtime.serving.events import claim_standard_output

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from pathlib import Path

TABLE = "djdesk_kept"
REPEATED = 100_000


def check_data(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Leave the value or find it. Raises `DatabaseWriteError` and `DataFolderError`."""
    output = claim_standard_output().descriptor
    bundle = read_bundle(root)
    data = prepare_data(locate_data(options.data_dir, environment, bundle.identifier))
    with shared_access(data, "check-data"):
        prepare_working_folder(bundle, data)
        enter(bundle, data)
        load_project(bundle, data)
        work = find_row if options.find else leave_row
        for alias, file in user_files().items():
            work(alias, file, options.value)
    document = {
        "databases": list(user_files()),
        "static_url": setting_of("STATIC_URL"),
        **(find_file(options.value) if options.find else leave_file(options.value)),
    }
    if output is not None:
        os.write(output, json.dumps(document).encode("ascii") + b"\n")
    return 0


def leave_row(alias: str, file: Path, value: str) -> None:
    """Write *value* into a table of its own in the database *alias*."""
    from django.db import Error, connections

    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (value text)")
            cursor.execute(f"INSERT INTO {TABLE} VALUES (%s)", [value])  # noqa: S608 - a constant
    except Error as error:
        raise not_written(file, error) from error
    finally:
        connections[alias].close()


def find_row(alias: str, file: Path, value: str) -> None:
    """Find what `leave_row` left, and remove it."""
    from django.db import Error, connections

    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"SELECT value FROM {TABLE}")  # noqa: S608 - a constant
            found = [row[0] for row in cursor.fetchall()]
            cursor.execute(f"DROP TABLE {TABLE}")
    except Error as error:
        raise not_written(file, error) from error
    finally:
        connections[alias].close()
    if found != [value]:
        raise not_kept(file)


def leave_file(value: str) -> dict[str, Any]:
    """Store a file of megabytes; return where, and how it can be fetched."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    if not is_local():
        return {"storage": "elsewhere"}
    try:
        name = default_storage.save(f"djdesk-check/{value}.txt", ContentFile(content_of(value)))
    except OSError as error:
        raise not_stored_error(str(error)) from error
    if setting_of("MEDIA_URL") in {"", "/"}:
        return {"storage": "kept", "name": name}
    address = default_storage.url(name)
    return {"storage": "served", "name": name, "address": address, "own_view": has_view(address)}


def find_file(value: str) -> dict[str, Any]:
    """Read what `leave_file` stored, and delete it."""
    from django.core.files.storage import default_storage

    if not is_local():
        return {"storage": "elsewhere"}
    name = f"djdesk-check/{value}.txt"
    try:
        with default_storage.open(name) as stored:
            found = stored.read()
        default_storage.delete(name)
    except OSError as error:
        raise not_stored_error(str(error)) from error
    if found != content_of(value):
        raise not_stored_error("a stored file does not hold what was written before the restart")
    return {"storage": "kept", "name": name}


def is_local() -> bool:
    """Tell whether the default storage is exactly Django's own, in the data folder.

    A project's own may rename, convert or refuse files.
    """
    from django.core.files.storage import FileSystemStorage, storages

    return type(storages["default"]) is FileSystemStorage


def has_view(address: str) -> bool:
    """Tell whether a view of the project's answers at *address*, which decides who may see it."""
    from django.urls import Resolver404, resolve

    try:
        resolve(address)
    except Resolver404:
        return False
    return True


def content_of(value: str) -> bytes:
    """Return the content of the file for *value*."""
    return f"{value}\n".encode() * REPEATED


def setting_of(name: str) -> str:
    """Return the setting *name* as a string, empty where it is not set."""
    from django.conf import settings

    return str(getattr(settings, name, None) or "")


def not_stored_error(why: str) -> DataFolderError:
    """Return the error for a file that was not kept."""
    return DataFolderError(
        "A file is not kept in the folder for your data.",
        why=why,
        next_step="Make sure that there is room on the disk and that you may write there.",
    )
