"""Run a server that speaks the shell's protocol, in the place of the shell: for the browser.

The protocol: a start-up line on the server's standard input, events as lines of JSON on
its standard output, `{"command": "stop"}` or the end of the input ends it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from build_support.bundles.protocol import read_events, send_start
from build_support.desktop.window import OWN_GROUP, end, stopping_by_signal
from build_support.errors import BuildError
from build_support.reporter import Reporter

#: Seconds for open requests (5), threads (1), what the project leaves running (3), and for a
#: machine that does other things as well. Whoever does not want to wait presses Ctrl-C again.
_STOP_SECONDS = 30.0


def run_server(
    command: Sequence[str],
    start: Mapping[str, object],
    *,
    reporter: Reporter,
    folder: Path | None = None,
    opener: Callable[[str], object] | None = None,
) -> None:
    """Run a server until it ends, or until Ctrl-C ends it.

    `start` is the start-up line; `opener` is called with the address to open when the
    server is ready. Raises KeyboardInterrupt after Ctrl-C, and BuildError when the server
    fails or ends with an error.
    """
    with (
        stopping_by_signal(),
        subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            process_group=OWN_GROUP,
        ) as server,
    ):
        try:
            send_start(server.stdin, **start)
            if server.stdout is not None:
                _follow(server.stdout, reporter, opener)
            code = server.wait()
        except BaseException:
            # The input stays open: its end would cut the requests short.
            end(server, lambda: send_start(server.stdin, command="stop"), _STOP_SECONDS)
            raise
    if code != 0:
        raise BuildError(f"The server ended with {code}.", why="What it said is above.")


def _follow(events: IO[str], reporter: Reporter, opener: Callable[[str], object] | None) -> None:
    told = ""
    for event in read_events(events):
        if event["event"] == "progress":
            # How far it is changes many times a second; the server's log tells of the steps.
            if event["message"] != told:
                reporter.note(event["message"])
            told = event["message"]
        elif event["event"] == "failed":
            what, _, why = event["message"].partition("\n")
            raise BuildError(what, why=why, hint=_where(event.get("log")))
        elif event["event"] == "ready":
            _tell_ready(event, reporter)
            if opener is not None:
                opener(event.get("link") or event["url"])


def _where(log: str | None) -> str:
    return f"Its log: {log}" if log else ""


def _tell_ready(event: Mapping[str, Any], reporter: Reporter) -> None:
    reporter.success(f"Serving on {event['url']}  (Ctrl-C stops)")
    if link := event.get("link"):
        reporter.line(f"Open this address; it lets one browser in, once: {link}")
