"""Letterbox and pillarbox bars: borders of one colour that are no part of the scene.

A single frame cannot tell a bar from a dark background, so that the decision is made once a shot:
:func:`frame_borders` measures each frame, and :func:`active_areas` compares the frames of a shot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from itertools import pairwise
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import GrayImage
from closeup.geometry import Box, Size
from closeup.sliding import sliding_median

BORDER = np.dtype([("inset", "<u2"), ("level", "u1"), ("edge", "u1")])
"""One side of a frame, in lines of the measured picture (rows for top and bottom, else columns):

- ``inset``: number of lines from the side inwards that have the colour of the outermost ones.
- ``level``: their luma, 0 to 255.
- ``edge``: how straight their inner end is, 0 to 255: the share of places along it up to which
  the colour stays the same, and from which another begins at once. 0 if there is no end, or if
  the border is uneven.
"""

SIDES = 4
"""Top, bottom, left and right, in this order."""

_CELLS = 64
"""Pixels of a line, about, that are compared with the bar's colour."""

_TOLERANCE = 5
"""Grey levels by which a bar's colour varies: the noise of an encoder beside a sharp edge."""

_EVEN = 2
"""Grey levels by which most of a bar varies; a plain floor or sky has more."""

_LOGO = 0.4
"""Largest share of a line of a bar that a logo or a caption covers."""

_LOGOS = 0.15
"""Largest share of a whole bar that logos and captions cover."""

_RIM = 4
"""Lines before and after the inner end of a bar that decide whether it is straight."""

_STRAIGHT = 0.5
"""Smallest share of a line in which the scene begins at the end of a bar; a head in front of a dark
background has less, and a logo across the end leaves more."""

_FREQUENT = 0.3
"""Smallest share of a shot's frames in which the inner end of a bar shows as a straight line. In
the others the scene beside it may be as dark as the bar."""

_THINNEST = 3
"""Lines; what is thinner is the rounding of an encoder and not worth a crop."""

_UNEQUAL = 2
"""Lines by which opposite bars may differ to be certain in a single frame."""

_WIDEST = 0.45
"""Largest share of the picture that one bar covers; a vertical video in 16:9 has 0.34."""


def frame_borders(gray: GrayImage) -> NDArray[np.void]:
    """Measure the uniform borders of one frame.

    Args:
        gray: Grey picture (H, W). Its pixels decide how precisely a bar is found: 640 columns
            give a frame of 1920 columns to three pixels.

    Returns:
        (4,) of dtype :data:`BORDER`: top, bottom, left, right.

    """
    height, width = gray.shape
    rows = gray[:, _places(width)]
    columns = np.ascontiguousarray(gray[_places(height)].T)
    sides = (rows, rows[::-1], columns, columns[::-1])
    return np.array([_border(lines) for lines in sides], BORDER)


def _places(length: int) -> slice:
    step = max(1, length // _CELLS)
    return slice(step // 2, None, step)


def _border(lines: GrayImage) -> tuple[int, int, int]:
    """Inset, level and edge of the side at which ``lines`` (n, cells) begin."""
    level = round(float(np.median(lines[:_THINNEST])))
    most = _LOGO * lines.shape[1]
    first = np.abs(lines[0].astype(np.int16) - level) > _TOLERANCE
    if np.count_nonzero(first) > most:  # most often there is no bar
        return 0, level, 0
    outer = lines[: _reach(len(lines))]
    difference = np.asarray(cv2.absdiff(outer, np.full_like(outer, level)))
    other = difference > _TOLERANCE
    ends = np.count_nonzero(other, axis=1) > most
    inset = int(np.argmax(ends))
    if not ends[inset]:
        return len(outer), level, 0
    # The last line of a bar may be a mixture of bar and scene.
    before, beyond = other[max(0, inset - 1 - _RIM) : max(0, inset - 1)], other[inset:][:_RIM]
    even = inset and (difference[:inset] <= _EVEN).mean() >= 1 - _LOGOS
    begins = beyond.any(axis=0) & ~before.any(axis=0) & even
    return inset, level, round(255 * float(begins.mean()))


def _reach(length: int) -> int:
    """Lines of the widest bar on one side of a picture of ``length`` lines."""
    return max(1, int(_WIDEST * length))


def clear_part(sides: NDArray[np.void], measured: Size, frame: Size) -> tuple[slice, slice]:
    """The rows and columns of a single frame without what is surely a bar.

    :func:`active_areas` decides by all frames of a shot. Without them, two opposite sides count if
    both end in a straight line, at the same distance.

    Args:
        sides: (4,) of dtype :data:`BORDER`, see :func:`frame_borders`.
        measured: Size of the picture in which they were measured.
        frame: Size of the picture whose rows and columns are returned.

    """
    insets = np.zeros(SIDES, np.int64)
    for pair in (slice(0, 2), slice(2, 4)):
        inset, edge = sides["inset"][pair].astype(np.int64), sides["edge"][pair]
        if inset.min() >= _THINNEST and np.ptp(inset) <= _UNEQUAL and _is_straight(edge).all():
            insets[pair] = inset
    x1, y1, x2, y2 = astuple(_area(insets.tolist(), measured, frame))
    return slice(round(y1 + 0.5), round(y2 + 0.5)), slice(round(x1 + 0.5), round(x2 + 0.5))


def _is_straight(edges: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether the ``edge`` of each :data:`BORDER` is that of a bar."""
    return np.asarray(edges >= 255 * _STRAIGHT)


class Borders(NamedTuple):
    """The uniform borders of the frames of a video.

    Attributes:
        sides: (n, 4) of dtype :data:`BORDER`, one row a frame; see :func:`frame_borders`.
        measured: Size of the pictures in which they were measured.
        frame: Size of the video's frames in pixels.

    """

    sides: NDArray[np.void]
    measured: Size
    frame: Size


class _Bar(NamedTuple):
    """One side of one shot.

    Attributes:
        least: Lines of the bar's colour in all frames.
        certain: Whether they end in a straight line.

    """

    least: int
    certain: bool


def active_areas(borders: Borders, cuts: Sequence[int]) -> list[Box]:
    """Find the part of the picture that shows the scene, for each shot.

    A bar has one colour in all frames of a shot, up to a logo or a caption, and ends in a straight
    line in many of them. Where the scene is too dark to show that line, the bars of the nearest
    shot with a line count if they fit. Bars may differ between shots and between opposite sides.

    Args:
        borders: Borders of all n frames.
        cuts: Index of the first frame of every shot but the first, increasing, from 1 to n - 1.

    Returns:
        One box a shot, its edges between pixels: without bars from -0.5 to width - 0.5 and to
        height - 0.5. Edges beside a bar lie inside the scene, on an even number of pixels.

    """
    sides, measured, frame = borders
    shots = [sides[a:b] for a, b in pairwise([0, *cuts, len(sides)])]
    insets = np.zeros((len(shots), SIDES), np.int64)
    for side in range(SIDES):
        length = measured.height if side < SIDES // 2 else measured.width
        bars = [_bar(shot[:, side], length) for shot in shots]
        insets[:, side] = [_agreed(bars, number) for number in range(len(bars))]
    return [_area(row, measured, frame) for row in insets.tolist()]


def _bar(side: NDArray[np.void], length: int) -> _Bar:
    """The bar on one side of the frames of a shot, (n,) of dtype :data:`BORDER`."""
    # A median over time drops a single damaged or blended frame.
    insets = sliding_median(side["inset"].astype(np.int64), 3)
    levels = sliding_median(side["level"].astype(np.int64), 3)
    least = int(insets.min())
    if least < _THINNEST or np.ptp(levels) > 2 * _TOLERANCE:
        return _Bar(0, certain=False)
    here = side["inset"].astype(np.int64) <= least + 1
    straight = here & _is_straight(side["edge"])
    certain = least < _reach(length) and float(straight.mean()) >= _FREQUENT
    return _Bar(least, certain)


def _agreed(bars: Sequence[_Bar], number: int) -> int:
    """Lines of the bar of one shot, taken from the nearest certain one if it has none itself."""
    own = bars[number]
    if own.certain:
        return own.least
    certain = [other for other, bar in enumerate(bars) if bar.certain]
    if not certain:
        return 0
    nearest = bars[min(certain, key=lambda other: abs(other - number))].least
    return nearest if own.least >= nearest else 0


def _area(insets: Sequence[int], measured: Size, frame: Size) -> Box:
    """The box inside insets of top, bottom, left and right in lines of the measured picture."""
    top, bottom = (_pixels(inset, frame.height / measured.height) for inset in insets[:2])
    left, right = (_pixels(inset, frame.width / measured.width) for inset in insets[2:])
    return Box(left - 0.5, top - 0.5, frame.width - right - 0.5, frame.height - bottom - 0.5)


def _pixels(inset: int, scale: float) -> int:
    """Source pixels of a bar: one line more, for a blurred edge, and rounded up to even."""
    return 2 * int(np.ceil((inset + 1) * scale / 2)) if inset else 0
