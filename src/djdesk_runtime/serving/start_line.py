"""The start-up line: what the shell tells a server on its standard input, never on argv.

One JSON object in UTF-8; every key may be missing, and unknown ones are for later versions.

========  ================================================================
key       value
========  ================================================================
token     what every request has to carry: 32 or more of A-Z a-z 0-9 _ -
nonce     a text that only the shell knows; ready proves that it was read
data_dir  the folder of the user's data, an absolute path
port      the port to try first, 0 for none in particular
socket    the descriptor of a socket with a port, to listen on; none: 0
========  ================================================================
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from djdesk_runtime.data.last_port import HIGHEST_PORT
from djdesk_runtime.errors import StartLineError

LONGEST_LINE = 65536  # bytes
HIGHEST_DESCRIPTOR = 1023
TOKEN = re.compile(r"[A-Za-z0-9_-]{32,}")


@dataclass(frozen=True, slots=True)
class StartLine:
    """What the shell said. Empty, and 0 for the port, is what it did not say."""

    token: str = ""
    nonce: str = ""
    data_dir: str = ""
    port: int = 0
    socket: int = 0

    def __repr__(self) -> str:
        return "StartLine(…)"  # neither a traceback nor a log shows a secret


def parse_start_line(line: bytes) -> StartLine:
    """Return what *line* says. Raises `StartLineError`, which quotes nothing of it."""
    if len(line) > LONGEST_LINE:
        raise malformed(f"it is longer than {LONGEST_LINE} bytes")
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        # From nothing: the exception holds the line, and with it the token.
        raise malformed("it is not JSON in UTF-8") from None
    if not isinstance(content, dict):
        raise malformed("it is not a JSON object")
    return StartLine(
        token=token(content.get("token", "")),
        nonce=text(content, "nonce"),
        data_dir=data_dir(content),
        port=port(content.get("port", 0)),
        socket=descriptor(content.get("socket", 0)),
    )


def token(value: object) -> str:
    """Return *value* if it is a token, or empty."""
    if not isinstance(value, str) or (value and not TOKEN.fullmatch(value)):
        raise malformed("token is not a text of 32 or more letters, digits, '-' and '_'")
    return value


def text(content: dict[str, Any], key: str) -> str:
    """Return the text at *key*, empty where there is none."""
    value = content.get(key, "")
    if not isinstance(value, str):
        raise malformed(f"{key} is not a text")
    return value


def data_dir(content: dict[str, Any]) -> str:
    """Return the path of the data folder, empty where none is named."""
    value = text(content, "data_dir")
    if value and ("\0" in value or not Path(value).is_absolute()):
        raise malformed("data_dir is not an absolute path")
    return value


def port(value: object) -> int:
    """Return *value* if it is a port number, or 0."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= HIGHEST_PORT:
        raise malformed(f"port is not a whole number from 0 to {HIGHEST_PORT}")
    return value


def descriptor(value: object) -> int:
    """Return *value* if it can be the number of a descriptor that was given, or 0."""
    if (
        not isinstance(value, int)
        or isinstance(value, bool)
        or not 0 <= value <= HIGHEST_DESCRIPTOR
    ):
        raise malformed(f"socket is not a whole number from 0 to {HIGHEST_DESCRIPTOR}")
    return value


def malformed(why: str) -> StartLineError:
    """Return the error that says the start-up line cannot be used."""
    return StartLineError(
        "The server was not told how to start.",
        why=f"The start-up line on standard input cannot be used: {why}.",
        next_step="Start the application by its window; without one, leave out --shell.",
    )
