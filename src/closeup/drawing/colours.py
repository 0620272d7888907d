"""Distinct colours."""

from __future__ import annotations

import colorsys

Colour = tuple[int, int, int]
"""Red, green and blue, each 0–255."""

_FIRST_HUE = 0.1
_GOLDEN = 0.618034
"""Step of the hue: the golden ratio keeps any number of colours apart."""


def distinct_colour(number: int) -> Colour:
    """The bright colour with this number, from 0; it differs clearly from those before it."""
    hue = (_FIRST_HUE + number * _GOLDEN) % 1
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.75, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)
