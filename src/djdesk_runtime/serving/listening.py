"""A port of the loopback address: taken at once, and listened to from the first moment on.

A port that is bound and not listened to can be taken by another program of any user.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from djdesk_runtime.errors import PortError

if TYPE_CHECKING:
    from collections.abc import Iterable

HOST = "127.0.0.1"

# How many connections the system makes in our name while we are busy with something else.
BACKLOG = 1024


def listen(wanted: int | None, preferred: Iterable[int]) -> socket.socket:
    """Return a socket that listens on the port *wanted*, 0 for any.

    Without one, those that are *preferred* are tried before any other; 0 is none. Connections
    are made from now on and answered once the server runs. Raises `PortError`.
    """
    if wanted is not None:
        return listen_on(wanted)
    for port in preferred:
        if port:
            try:
                return listen_on(port)
            except PortError:
                continue
    return listen_on(0)


def listen_on(port: int) -> socket.socket:
    """Return a socket that listens on *port*, 0 for any. Raises `PortError`."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # There SO_REUSEADDR lets another program take over a port that is in use.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise unusable(port, error) from error
    return listener


def listen_on_given(descriptor: int) -> socket.socket | None:
    """Return the socket of a *descriptor* that the shell has given, listening; None without one.

    The shell keeps a copy: when this process ends, the port stays taken, and connections wait for
    the next server. What is no such socket is left alone.
    """
    if descriptor == 0 or os.name == "nt":
        return None
    try:
        listener = socket.socket(fileno=descriptor)
    except OSError:
        return None
    if listener.family == socket.AF_INET and listener.getsockname()[0] == HOST:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
        with suppress(OSError):
            listener.listen(BACKLOG)
            return listener
    listener.detach()
    return None


def unusable(port: int, error: OSError) -> PortError:
    """Return the error that says *port* cannot be had because of *error*."""
    taken = error.errno == errno.EADDRINUSE
    other = "Start without --port to get a free one, or name another one above 1023."
    return PortError(
        f"Port {port} of {HOST} cannot be used.",
        why=str(error.strerror or error),
        next_step=f"Stop the program that uses it, or: {other}" if taken else other,
    )
