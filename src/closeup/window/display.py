"""Whether there is a display for a window."""

from __future__ import annotations

import os
import sys

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
