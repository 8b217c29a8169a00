"""How to start a bundle's server and talk to it, for whoever measures or checks it.

The whole protocol is described in `djdesk_runtime.serving`: a start-up line on its standard
input, events as lines of JSON on its standard output, a token in the header of every request.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import IO, Any

from build_support.errors import BuildError

TOKEN_HEADER = "X-DJDesk-Token"  # noqa: S105 - the name of a header


def new_token() -> str:
    """Return a token that nobody else knows."""
    return secrets.token_urlsafe(32)


def send_start(server_input: IO[str] | None, **facts: object) -> None:
    """Tell a server how to start. One that has ended already is found out by its events."""
    if server_input is None or server_input.closed:
        return
    try:
        server_input.write(json.dumps(facts) + "\n")
        server_input.flush()
    except OSError:  # a broken pipe, which Windows calls an invalid argument
        # The words stay in the buffer, and whoever closes it later would try them again.
        with suppress(OSError):
            server_input.close()


def read_events(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the events among a server's lines; what a program of its own prints is none."""
    for line in lines:
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and "event" in event:
                yield event


def wait_until_ready(events: IO[str] | None) -> Mapping[str, Any]:
    """Return the event that says that a server is ready. Raises BuildError if it never is."""
    for event in read_events(events or ()):
        if event["event"] == "ready":
            return event
        if event["event"] == "failed":
            raise BuildError("The server did not start.", why=str(event["message"]))
    raise BuildError("The server ended before it was ready.")
