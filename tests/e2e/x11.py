"""The few functions of Xlib that tests use, by ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Library = ctypes.CDLL
Display = ctypes.c_void_p
Place = tuple[int, int, int, int]

CLIENT_MESSAGE = 33  # X.h


class ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib.h, padded to the size of XEvent."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 24),
    ]


_POINTER = ctypes.c_void_p
#: What of Xlib is used: its name, result and arguments.
_FUNCTIONS: list[tuple[str, Any, list[Any]]] = [
    ("XOpenDisplay", _POINTER, [ctypes.c_char_p]),
    ("XCloseDisplay", ctypes.c_int, [_POINTER]),
    ("XInternAtom", ctypes.c_ulong, [_POINTER, ctypes.c_char_p, ctypes.c_int]),
    ("XDefaultRootWindow", ctypes.c_ulong, [_POINTER]),
    ("XFree", ctypes.c_int, [_POINTER]),
    ("XSync", ctypes.c_int, [_POINTER, ctypes.c_int]),
    ("XQueryTree", ctypes.c_int, [_POINTER, ctypes.c_ulong, *[_POINTER] * 4]),
    ("XGetWindowAttributes", ctypes.c_int, [_POINTER, ctypes.c_ulong, _POINTER]),
    (
        "XMoveResizeWindow",
        ctypes.c_int,
        [_POINTER, ctypes.c_ulong, ctypes.c_int, ctypes.c_int, ctypes.c_uint, ctypes.c_uint],
    ),
    (
        "XSendEvent",
        ctypes.c_int,
        [_POINTER, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, _POINTER],
    ),
    (
        "XGetWindowProperty",
        ctypes.c_int,
        [
            *[_POINTER, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_long, ctypes.c_long],
            *[ctypes.c_int, ctypes.c_ulong, *[_POINTER] * 5],
        ],
    ),
]


@contextmanager
def open_display(name: str) -> Iterator[tuple[Library, Display]]:
    library = ctypes.CDLL("libX11.so.6")
    for function, result, arguments in _FUNCTIONS:
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    display = ctypes.c_void_p(library.XOpenDisplay(name.encode()))
    assert display.value, f"the display {name} cannot be opened"
    try:
        yield library, display
    finally:
        library.XCloseDisplay(display)


def visible_windows(library: Library, display: Display, pid: int) -> list[int]:
    """Return the visible windows of a process. Electron's stay children of the root."""
    root, parent = ctypes.c_ulong(), ctypes.c_ulong()
    children = ctypes.POINTER(ctypes.c_ulong)()
    count = ctypes.c_uint()
    library.XQueryTree(
        display,
        library.XDefaultRootWindow(display),
        ctypes.byref(root),
        ctypes.byref(parent),
        ctypes.byref(children),
        ctypes.byref(count),
    )
    found = [children[index] for index in range(count.value)]
    if found:
        library.XFree(children)
    return [
        window
        for window in found
        if _owner(library, display, window) == pid and _is_visible(library, display, window)
    ]


def _owner(library: Library, display: Display, window: int) -> int:
    """Return the process that says a window is its own, 0 if none does."""
    kind, bits = ctypes.c_ulong(), ctypes.c_int()
    count, left = ctypes.c_ulong(), ctypes.c_ulong()
    value = ctypes.POINTER(ctypes.c_ulong)()
    library.XGetWindowProperty(
        display,
        window,
        library.XInternAtom(display, b"_NET_WM_PID", 0),
        0,
        1,
        0,
        0,
        ctypes.byref(kind),
        ctypes.byref(bits),
        ctypes.byref(count),
        ctypes.byref(left),
        ctypes.byref(value),
    )
    if not count.value:
        return 0
    owner = int(value[0])
    library.XFree(value)
    return owner


class _Attributes(ctypes.Structure):
    """The beginning and the needed part of XWindowAttributes of Xlib.h, and room for the rest."""

    _fields_ = [
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("border_width", ctypes.c_int),
        ("depth", ctypes.c_int),
        ("visual", ctypes.c_void_p),
        ("root", ctypes.c_ulong),
        ("class_", ctypes.c_int),
        ("bit_gravity", ctypes.c_int),
        ("win_gravity", ctypes.c_int),
        ("backing_store", ctypes.c_int),
        ("backing_planes", ctypes.c_ulong),
        ("backing_pixel", ctypes.c_ulong),
        ("save_under", ctypes.c_int),
        ("colormap", ctypes.c_ulong),
        ("map_installed", ctypes.c_int),
        ("map_state", ctypes.c_int),
        ("rest", ctypes.c_long * 8),
    ]


def _attributes(library: Library, display: Display, window: int) -> _Attributes:
    attributes = _Attributes()
    library.XGetWindowAttributes(display, window, ctypes.byref(attributes))
    return attributes


def _is_visible(library: Library, display: Display, window: int) -> bool:
    return int(_attributes(library, display, window).map_state) != 0


def place(library: Library, display: Display, window: int) -> Place:
    found = _attributes(library, display, window)
    return int(found.x), int(found.y), int(found.width), int(found.height)
