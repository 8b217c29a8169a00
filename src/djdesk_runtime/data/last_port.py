"""Which server has the data folder, or had it last, and on which port: ``server.json``.

A browser keeps what pages store for one host and port, so the port of last time is tried first.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from djdesk_runtime.data.lock import recorded
from djdesk_runtime.data.private_file import write_private

if TYPE_CHECKING:
    from djdesk_runtime.data.folder import DataFolder

HIGHEST_PORT = 65535


def last_port(data: DataFolder) -> int:
    """Return the port that the last server of *data* had, 0 when that is not known."""
    port = recorded(data).get("port")
    return port if isinstance(port, int) and 0 < port <= HIGHEST_PORT else 0


def record_server(data: DataFolder, port: int, *, command: str = "") -> None:
    """Note that this process serves *data* on *port*, for the next start and for a second one.

    *command* is what it does instead, if it does not serve. ``started`` is in UTC.
    Both can do without, so that a full disk is no reason not to start.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    record = {"pid": os.getpid(), "port": port, "started": started}
    record |= {"command": command} if command else {}
    with suppress(OSError):
        write_private(data.server_file, json.dumps(record) + "\n")
