"""Rotations of pictures that a user can ask for."""

from __future__ import annotations

ROTATIONS = (0, 90, 180, 270)
"""In degrees clockwise: with 90 the upper edge of a picture becomes the right edge."""


def checked_rotation(degrees: int) -> int:
    """The rotation itself.

    Raises:
        ValueError: it is none of :data:`ROTATIONS`; the message is one line.

    """
    if degrees not in ROTATIONS:
        raise ValueError(f"rotate is {degrees}; give 90, 180 or 270 degrees clockwise, or 0")
    return degrees
