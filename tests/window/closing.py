"""Asks an X11 window to close: ``python -m tests.window.closing WINDOW``.

xdotool of older systems cannot, and a virtual screen has no window manager that would.
"""

from __future__ import annotations

import ctypes
import sys

_CLIENT_MESSAGE = 33


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent, as long as XEvent is."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 16),
    )


def close(window: int) -> None:
    """Send WM_DELETE_WINDOW of the inter-client communication conventions."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    names = (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
    protocols, delete = (x11.XInternAtom(display, name, 0) for name in names)
    event = _ClientMessage(type=_CLIENT_MESSAGE, window=window, message_type=protocols, format=32)
    event.data[0] = delete
    x11.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(event))
    x11.XCloseDisplay(display)  # sends what waits


if __name__ == "__main__":
    close(int(sys.argv[1]))
