"""The command ``adopt``: go on with the data folder as it is, although something vanished."""

from __future__ import annotations

import sqlite3
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.alone import alone_with, tell
from djdesk_runtime.data.completeness import find_missing, orphaned_logs, present_entries
from djdesk_runtime.data.folder import alias_of, locate_data, prepare_data, unusable
from djdesk_runtime.data.inventory import Inventory, installation_of, write_inventory
from djdesk_runtime.data.recovery import recover_data
from djdesk_runtime.data.restoring import damaged_name, set_aside
from djdesk_runtime.data.schema import read_schema, read_stamps, write_stamps
from djdesk_runtime.data.sqlite_files import WRITE_AHEAD_LOG

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.schema import Stamps


def adopt(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Expect nothing of the data folder but what is there now, and print what that leaves out.

    Deletes nothing. Raises `DataInUseError`, `DatabaseUpdateError`, `DataFolderError`.
    """
    bundle = read_bundle(root)
    located = locate_data(options.data_dir, environment, bundle.identifier)
    # Without an identifier, the folder may have been another application's.
    with alone_with(prepare_data(replace(located, identifier="")), "adopt"):
        recover_data(bundle, located, tell)
        findings = list(find_missing(located))
        try:
            accept_present(bundle, located)
        except OSError as error:
            raise unusable(located.root, error) from error
    for finding in findings:
        sys.stdout.write(f"No longer expected: {finding.path} {finding.problem}\n")
    sys.stdout.write(f"{located.root} is used as it is from now on.\n")
    return 0


def accept_present(bundle: BundleInfo, data: DataFolder) -> None:
    """Let the inventory and the stamps of *data* say what is there. Raises OSError."""
    data.backups.mkdir(mode=0o700, exist_ok=True)
    for log in list(orphaned_logs(data)):
        database = log.with_name(log.name.removesuffix(WRITE_AHEAD_LOG))
        name = damaged_name(alias_of(database.stem), bundle.version)
        set_aside(database, data.backups / name)
    entries = present_entries(data)
    write_stamps(data.schema_file, bundle.version, present_stamps(data))
    write_inventory(data, Inventory(data.identifier, installation_of(data), entries))


def present_stamps(data: DataFolder) -> Stamps:
    """Return the stamps of those databases in *data* that still have what was stamped."""
    return {
        alias: stamps
        for alias, stamps in read_stamps(data.schema_file).items()
        if has_applied(data.database(alias))
    }


def has_applied(database: Path) -> bool:
    """Tell whether migrations were applied to *database*. One that cannot be read counts as such.

    What is wrong with it is for the next start to say.
    """
    try:
        return bool(read_schema(database).applied)
    except sqlite3.Error:
        return True
