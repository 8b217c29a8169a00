"""Copies of the user's databases that a change works on: only a complete change replaces those.

The copies have the names of the databases, in a folder of their own, and Django's connections
lead to them meanwhile: in every thread, closed and opened as often as the project likes.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.data.clones import clone_file
from djdesk_runtime.data.connections import close_connections, user_databases
from djdesk_runtime.data.databases import UPDATING_VARIABLE
from djdesk_runtime.data.progress import report_bytes
from djdesk_runtime.data.sqlite_files import create_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.marker import Change

CHUNK_BYTES = 1 << 20


def make_working_copies(data: DataFolder, changes: Sequence[Change]) -> None:
    """Let the working copies be what the backups of *changes* are. Raises OSError."""
    delete_working_copies(data)
    data.working_copies.mkdir(mode=0o700)
    for change in changes:
        copy = data.working_copies / change.file
        create_private(copy)
        if change.backup is None:
            continue
        backup = data.backups / change.backup
        if not clone_file(backup, copy):
            copy_file(backup, copy)


def copy_file(source: Path, copy: Path) -> None:
    """Write what *source* holds to the file *copy*, and report how far that is. Raises OSError."""
    total, done = source.stat().st_size, 0
    buffer = memoryview(bytearray(CHUNK_BYTES))
    with source.open("rb", buffering=0) as reading, copy.open("wb", buffering=0) as writing:
        while count := reading.readinto(buffer):
            left = buffer[:count]
            while left:
                left = left[writing.write(left) :]
            done += count
            report_bytes("Preparing a working copy", done, total)


def delete_working_copies(data: DataFolder) -> None:
    """Delete the working copies of an update that is over. What cannot be deleted stays."""
    shutil.rmtree(data.working_copies, ignore_errors=True)


@contextmanager
def redirected(data: DataFolder) -> Iterator[list[BaseDatabaseWrapper]]:
    """Let Django's connections lead to the working copies until the block ends.

    Those of programs that are started meanwhile do so too. Gives a list that
    the connections which are opened meanwhile are added to, in any thread.
    """
    from django.db.backends.signals import connection_created

    opened: list[BaseDatabaseWrapper] = []

    def note(connection: BaseDatabaseWrapper, **_: object) -> None:
        opened.append(connection)

    close_connections()
    settings = [connection.settings_dict for connection in user_databases()]
    names = [place["NAME"] for place in settings]
    connection_created.connect(note)
    try:
        for place, name in zip(settings, names, strict=True):
            place["NAME"] = type(name)(data.working_copies / Path(name).name)
        os.environ[UPDATING_VARIABLE] = "1"
        yield opened
    finally:
        os.environ.pop(UPDATING_VARIABLE, None)
        close_connections()
        connection_created.disconnect(note)
        for place, name in zip(settings, names, strict=True):
            place["NAME"] = name


def abandon(connections: Sequence[BaseDatabaseWrapper]) -> None:
    """Have threads that still use *connections*, to working copies, connect again."""
    for connection in connections:
        connection.connection = None
