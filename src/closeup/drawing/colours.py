"""Colours that tell things apart."""

from __future__ import annotations

import colorsys

Colour = tuple[int, int, int]
"""Red, green, blue; 0–255."""

_FIRST_HUE = 0.1
_GOLDEN = 0.618034
"""Steps of hue by the golden ratio keep any number of colours apart."""


def distinct_colour(number: int) -> Colour:
    """The bright colour of the thing with this number, from 0; far from those before it."""
    hue = (_FIRST_HUE + number * _GOLDEN) % 1
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.75, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)
