"""The shell at the other end of standard input: what it says, and that it is still there."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

from djdesk_runtime.serving.events import STANDARD_ERROR, STANDARD_OUTPUT
from djdesk_runtime.serving.programs import abandoned
from djdesk_runtime.serving.start_line import LONGEST_LINE, StartLine, parse_start_line
from djdesk_runtime.serving.stopping import end_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djdesk_runtime.serving.stopping import StopRequest

STANDARD_INPUT = 0
CHUNK_BYTES = 4096
STOP_COMMAND = "stop"

# When the shell is gone: how long open requests may take, and how long all may take, in seconds.
# What the user was promised is two.
GONE_GRACE = 1.0
GONE_LIMIT = 1.7


def hear_shell(stop: StopRequest) -> StartLine | None:
    """Return what the shell says first, and obey from now on, by *stop*, what it says later.

    None when it was gone before it had said anything. Raises `StartLineError`.
    """
    descriptor = claim_standard_input()
    lines = read_lines(descriptor) if descriptor is not None else iter(())
    first = next(lines, None)
    if first is None:
        return None
    start_line = parse_start_line(first)
    threading.Thread(target=obey, args=(lines, stop), name="djdesk-shell", daemon=True).start()
    return start_line


def obey(lines: Iterator[bytes], stop: StopRequest) -> None:
    """Do what the *lines* say; their end means that the shell is gone."""
    try:
        for line in lines:
            if is_stop(line):
                stop.ask()
    finally:
        abandoned.set()
        end_within(GONE_LIMIT, code=1)
        silence()
        stop.ask(GONE_GRACE)


def silence() -> None:
    """Let what is printed go nowhere: the shell was at the other end, and writing would fail."""
    null = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (STANDARD_OUTPUT, STANDARD_ERROR):
        os.dup2(null, descriptor)
    os.close(null)


def is_stop(line: bytes) -> bool:
    """Tell whether *line* is the command to stop. Others are for later versions."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("command") == STOP_COMMAND


def read_lines(descriptor: int) -> Iterator[bytes]:
    """Yield the lines that come from *descriptor*, without their ends.

    One that is not ended is no line. Of a line that is too long as much is kept as shows that.
    """
    waiting = b""
    while chunk := read(descriptor):
        *lines, waiting = (waiting + chunk).split(b"\n")
        yield from lines
        if len(waiting) > LONGEST_LINE:
            yield waiting
            waiting = b""


def read(descriptor: int) -> bytes:
    """Return what has come from *descriptor*; nothing at its end, however that came about."""
    try:
        return os.read(descriptor, CHUNK_BYTES)
    except OSError:
        return b""


def claim_standard_input() -> int | None:
    """Return a private descriptor of standard input and leave an empty one in its place.

    Otherwise a program started by the project would share it, and on Windows wait for ever:
    a pipe that one thread is reading from cannot be inspected by another process. None when
    there is no standard input.
    """
    try:
        private = os.dup(STANDARD_INPUT)
    except OSError:
        return None
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, STANDARD_INPUT)
    os.close(null)
    return private
