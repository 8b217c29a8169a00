"""Commands that work with the user's data beside a server, or instead of one."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from djdesk_runtime.data.last_port import last_port, record_server
from djdesk_runtime.data.lock import lock_data
from djdesk_runtime.data.progress import progress_lines, reporting
from djdesk_runtime.data.recovery import recover_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder


@contextmanager
def alone_with(data: DataFolder, command: str) -> Iterator[None]:
    """Keep servers away from *data*, which exists, until the block ends. Raises `DataInUseError`.

    *command* is what is done meanwhile, for people. A server that starts then names this
    process, and the port of last time stays known. How far long work is goes to standard error.
    """
    with lock_data(data), reporting(progress_lines(tell)):
        record_server(data, last_port(data), command=command)
        yield


def recover_first(bundle: BundleInfo, data: DataFolder) -> None:
    """Complete an update of *data* that was interrupted between two databases, if there is one.

    Raises `DataInUseError` while a server is making the update, and `DatabaseUpdateError`.
    """
    if data.update_marker.exists():
        with alone_with(data, "completing an update"):
            recover_data(bundle, data, tell)


def tell(message: str) -> None:
    """Say on standard error what is going on."""
    sys.stderr.write(f"{message}\n")
