"""Whether there is a display for a window, and whether a window is still there."""

from __future__ import annotations

import os
import sys

import cv2

from closeup.errors import OutputError


def check_display(remedy: str) -> None:
    """Refuse a window where there is no display; the window library would end the process.

    Args:
        remedy: What to do instead, for the message.

    Raises:
        OutputError: there is no display.

    """
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    ):
        raise OutputError(f"there is no display for a window; {remedy}")


def is_open(title: str) -> bool:
    """Whether the window of this title is there, and the person has not closed it.

    With Qt, asking raises an error once the last window of the program is closed.
    """
    try:
        return cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1
    except cv2.error:
        return False
