"""Servers that are killed, and come back."""

from __future__ import annotations

from tests.e2e import processes
from tests.e2e.desktop import Application
from tests.e2e.waiting import until

#: So often in a short while is a server started again.
RESTARTS = 3


def kill_server(application: Application) -> None:
    """Kill the server and wait until another one answers."""
    log = application.desktop.data / "logs" / "app.log"
    before, server = log.read_text(encoding="utf-8").count(" serves "), application.server()
    processes.kill(server)
    until(
        lambda: log.read_text(encoding="utf-8").count(" serves ") > before,
        "another server is ready",
    )


def kill_server_for_good(application: Application) -> None:
    """Kill the server so often that it is not started again."""
    for _ in range(RESTARTS):
        kill_server(application)
    processes.kill(application.server())
