"""The whole body below a face: the rows it fills, and whether a shot can show it.

Proportions are in face heights. They were measured on the drawn figures, whose soles are known,
with boxes of every face detector, and on a photo of a stage with nine marked bodies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from closeup.fancam.camera.clock import frame_interval
from closeup.fancam.options import Framing
from closeup.geometry import Boxes, Size, centres_of, sides_of

Column = NDArray[np.float64]
"""One number a frame, shape (n,)."""

FACE_SHAPE = 1.25
"""Height of a face over the width of its box. Detectors agree on the width of a face, but some
(MMOD, HOG) end the box at the eyebrows; the larger of the box's height and this multiple of its
width differs by less than 5 % between detectors."""

STANDING = 7.3
"""Usual distance of the soles below the face's centre, of a person who stands."""

LONGEST = 8.2
"""Largest such distance: of tall people with small heads."""

CROWN = 1.1
"""Distance of the top of the hair above the face's centre."""

CALM = 1.0
"""Seconds over which the place of the feet is a median: a nod or a jump does not move the stage."""

HELD = 0.5
"""Share of a shot's frames whose picture must hold the feet for the whole body to be shown."""

SMALLEST_SHARE = 0.25
"""Minimum height of a crop that shows the whole body, in heights of the source: the body of a
smaller person would be blurred, and a bust shows more."""


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Rows that the body of one person fills in each frame of a stretch, in source pixels.

    Attributes:
        top: (n,) highest row of the body, with raised hands.
        soles: (n,) row of the soles, as far down as they can be.
        standing: (n,) row of the soles of a person of usual proportions who stands.

    """

    top: Column
    soles: Column
    standing: Column


def face_heights(boxes: Boxes) -> Column:
    """Heights of faces, independent of where a detector's box ends at the forehead; (n,)."""
    width, height = sides_of(boxes).astype(np.float64).T
    return np.asarray(np.maximum(height, FACE_SHAPE * width))


def bodies_of(boxes: Boxes, times: Column, above: float = CROWN) -> Bodies:
    """Rows of the bodies below faces.

    Args:
        boxes: (n, 4) face boxes of one person in successive frames, xyxy in source pixels.
        times: (n,) seconds, increasing.
        above: Reach of the body above the face's centre, in face heights.

    """
    frames = max(1, round(CALM / frame_interval(times)))
    faces = median_filter(face_heights(boxes), frames, mode="nearest")
    middle = centres_of(boxes)[:, 1].astype(np.float64)
    steady = median_filter(middle, frames, mode="nearest")
    return Bodies(middle - above * faces, steady + LONGEST * faces, steady + STANDING * faces)


def framing_of_shot(bodies: Sequence[Bodies], heights: Sequence[Column], frame: Size) -> Framing:
    """BODY if a shot can show a person's whole body, else BUST.

    The decision is one for all stretches of a shot, since a change of framing inside a shot
    would look like a mistake.

    Args:
        bodies: The rows of the body in each stretch of the shot.
        heights: Heights of the crops that would show the body, of each stretch, in source pixels.
        frame: The source's size in pixels.

    """
    if not bodies:
        return Framing.BUST
    standing = np.concatenate([body.standing for body in bodies])
    tall = np.concatenate(heights) >= SMALLEST_SHARE * frame.height
    held = (standing <= frame.height - 0.5) & tall
    return Framing.BODY if held.mean() >= HELD else Framing.BUST
