"""A screen for windows on a machine without one, and the hand of a user on their frames."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e import x11

_SIZE = "1280x960x24"
_STOP_SECONDS = 10.0


@contextmanager
def screen() -> Iterator[str]:
    """Yield the name of a display that is nobody else's, and end it afterwards.

    The developer's own display is left alone: windows would pop up in the middle of work.
    """
    server = shutil.which("Xvfb")
    if server is None:
        yield os.environ["DISPLAY"]
        return
    reading, writing = os.pipe()
    command = [server, "-displayfd", str(writing), "-screen", "0", _SIZE, "-nolisten", "tcp"]
    with subprocess.Popen(
        command,
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(writing)
        try:
            with os.fdopen(reading) as numbers:
                yield f":{numbers.readline().strip()}"
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def close_windows(display_name: str, pid: int) -> int:
    """Ask every window of a process to close, as the cross in its frame does; return how many.

    The message that a window manager sends: ICCCM 4.2.8.1, WM_DELETE_WINDOW.
    """
    with x11.open_display(display_name) as (library, display):
        protocols = library.XInternAtom(display, b"WM_PROTOCOLS", 0)
        delete = library.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
        count = 0
        for window in x11.visible_windows(library, display, pid):
            message = x11.ClientMessage(
                type=x11.CLIENT_MESSAGE, window=window, message_type=protocols, format=32
            )
            message.data[0] = delete
            library.XSendEvent(display, window, 0, 0, ctypes.byref(message))
            count += 1
        library.XSync(display, 0)
        return count


def window_places(display_name: str, pid: int) -> list[x11.Place]:
    """Return (left, top, width, height) of every visible window of a process, in pixels."""
    with x11.open_display(display_name) as (library, display):
        return [
            x11.place(library, display, window)
            for window in x11.visible_windows(library, display, pid)
        ]


def move_window(display_name: str, pid: int, place: x11.Place) -> None:
    """Give the visible window of a process another place and size."""
    with x11.open_display(display_name) as (library, display):
        for window in x11.visible_windows(library, display, pid):
            library.XMoveResizeWindow(display, window, *place)
        library.XSync(display, 0)
