"""From a face box to a well-composed crop: its height, its centre, and their limits.

Heights and centres are in source pixels. A crop's width is its height times the output's
aspect, so a crop is three numbers: centre x, centre y, height.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.body import Bodies, face_heights
from closeup.fancam.options import Framing
from closeup.geometry import Box, Boxes, Size, sides_of

Columns = NDArray[np.float64]
"""One row a frame: (n,) heights, or (n, 2) points or limits (x, y)."""

WANTED_ROOM = 1.5
"""Minimum width of the wanted crop, in face widths."""

REQUIRED_ROOM = 1.2
"""Minimum sides of any crop, in sides of the face box."""

LARGEST_ENLARGEMENT = 4
"""Maximum enlargement: more would only blur a distant face."""


@dataclass(frozen=True, slots=True)
class Composition:
    """The position of the face in the crop of one framing.

    Attributes:
        heights: Height of the crop in face heights.
        face_at: Centre of the face in crop heights below the crop's top.
        stray: Distance (x, y) of the face from that place up to which the crop is not pulled,
            in crop widths and crop heights. The head's top stays in the picture.

    """

    heights: float
    face_at: float
    stray: tuple[float, float]


# A head reaches about 0.75 face heights above the centre of the face box.
COMPOSITIONS = {
    Framing.FACE: Composition(heights=2.4, face_at=0.46, stray=(0.12, 0.05)),
    Framing.BUST: Composition(heights=4.5, face_at=0.32, stray=(0.15, 0.08)),
    Framing.BODY: Composition(heights=11.2, face_at=0.25, stray=(0.15, 0.05)),
}


@dataclass(frozen=True, slots=True)
class CropSpace:
    """The limits of the crops of one shot.

    Attributes:
        frame: Size in pixels of the source, or of its part without bars.
        output: The output's size in pixels; crops have its shape.
        origin: First pixel (x, y) of that part in the source.

    """

    frame: Size
    output: Size
    origin: tuple[int, int] = (0, 0)

    @classmethod
    def inside(cls, area: Box, output: Size) -> CropSpace:
        """The space inside an area whose edges lie between pixels."""
        return cls(
            Size(round(area.width), round(area.height)),
            output,
            (round(area.x1 + 0.5), round(area.y1 + 0.5)),
        )

    @property
    def area(self) -> Box:
        """The part of the source that crops show, xyxy."""
        (x1, y1), (x2, y2) = _edges(self)
        return Box(float(x1), float(y1), float(x2), float(y2))

    @property
    def aspect(self) -> float:
        """Width over height of a crop."""
        return self.output.width / self.output.height

    @property
    def shortest(self) -> float:
        """Minimum height of a wanted crop, in source pixels."""
        return min(self.output.height / LARGEST_ENLARGEMENT, self.frame.height)

    @property
    def whole(self) -> Columns:
        """The smallest crop that holds the whole frame; shape (3,)."""
        width, height = self.frame
        return np.array([*self.area.centre, max(height, width / self.aspect)])

    def sides(self, heights: Columns) -> Columns:
        """Width and height of crops of these heights; shape (n, 2)."""
        return np.column_stack([heights * self.aspect, heights])


def wanted_heights(boxes: Boxes, framing: Framing, space: CropSpace) -> Columns:
    """Height of the crop that shows each face in the given framing; shape (n,).

    The crop holds the face's width with a margin, is enlarged at most ``LARGEST_ENLARGEMENT``
    times, and is higher than the frame only if the face needs it.
    """
    width, height = _sides(boxes)
    if framing is Framing.BODY:
        height = face_heights(boxes)
    wanted = np.maximum(COMPOSITIONS[framing].heights * height, WANTED_ROOM * width / space.aspect)
    wanted = np.clip(wanted, space.shortest, space.frame.height)
    return np.asarray(np.maximum(wanted, required_heights(boxes, space)))


def required_heights(boxes: Boxes, space: CropSpace, bodies: Bodies | None = None) -> Columns:
    """Minimum height of a crop that holds each whole face box with a margin; shape (n,).

    With ``bodies`` it also holds the rows of the body that are in the frame.
    """
    width, height = _sides(boxes)
    required = REQUIRED_ROOM * np.maximum(height, width / space.aspect)
    if bodies is not None:
        top, soles = _rows(bodies, space)
        required = np.maximum(required, soles - top)
    return np.asarray(required)


def wanted_centres(boxes: Boxes, heights: Columns, framing: Framing) -> Columns:
    """Centres (x, y) of crops of these heights that place the faces by ``framing``; (n, 2)."""
    centres = (boxes[:, :2].astype(np.float64) + boxes[:, 2:]) / 2
    centres[:, 1] += (0.5 - COMPOSITIONS[framing].face_at) * heights
    return centres


def centre_limits(
    boxes: Boxes, heights: Columns, space: CropSpace, bodies: Bodies | None = None
) -> tuple[Columns, Columns]:
    """Limits of the centre that keep the face inside the crop and the crop inside the frame.

    A crop that is larger than the frame on one axis is centred on that axis. A margin around the
    face that would reach beyond the frame ends at the frame. Where a face does not fit into the
    crop, the two limits are equal.

    Args:
        boxes: (n, 4) face boxes inside the frame.
        heights: (n,) heights of the crops.
        space: The sizes of frame and output.
        bodies: Rows of the body, of which as many as fit beside the face are kept inside, too;
            None for the face alone.

    Returns:
        Lower and upper limits, each (n, 2) for x and y; lower ≤ upper everywhere.

    """
    half = space.sides(heights) / 2
    low_edge, high_edge = _edges(space)
    margin = (REQUIRED_ROOM - 1) / 2 * sides_of(boxes)
    lower = np.minimum(boxes[:, 2:] + margin, high_edge) - half
    upper = np.maximum(boxes[:, :2] - margin, low_edge) + half
    lower, upper = _ordered(lower, upper)
    if bodies is not None:
        top, soles = _rows(bodies, space)
        least, most = _ordered(soles - half[:, 1], top + half[:, 1])
        face = lower[:, 1].copy(), upper[:, 1].copy()
        lower[:, 1], upper[:, 1] = np.clip(least, *face), np.clip(most, *face)
    return slid(lower, half, space), slid(upper, half, space)


def inside_frame(windows: Columns, space: CropSpace) -> Columns:
    """Move each crop (centre x, centre y, height) into the frame; shape (n, 3)."""
    half = space.sides(windows[:, 2]) / 2
    return np.column_stack([slid(windows[:, :2], half, space), windows[:, 2]])


def slid(centres: Columns, half: Columns, space: CropSpace) -> Columns:
    """Centres (n, 2) of crops with half sides (n, 2), moved into the frame.

    On an axis where the crop is larger than the frame, it is centred.
    """
    low_edge, high_edge = _edges(space)
    least = np.minimum(low_edge + half, (low_edge + high_edge) / 2)
    most = np.maximum(high_edge - half, (low_edge + high_edge) / 2)
    return np.asarray(np.clip(centres, least, most))


def _ordered(lower: Columns, upper: Columns) -> tuple[Columns, Columns]:
    """Limits of which none is above the other: their mean where they cross."""
    middle = (lower + upper) / 2
    return np.minimum(lower, middle), np.maximum(upper, middle)


def _rows(bodies: Bodies, space: CropSpace) -> tuple[Columns, Columns]:
    """First and last row of the bodies inside the frame; each (n,)."""
    (_, first), (_, last) = _edges(space)
    return np.clip(bodies.top, first, last), np.clip(bodies.soles, first, last)


def _edges(space: CropSpace) -> tuple[Columns, Columns]:
    """The frame's top left and bottom right: half a pixel beyond the outer pixels' centres."""
    low = np.array(space.origin) - 0.5
    return low, low + space.frame


def _sides(boxes: Boxes) -> tuple[Columns, Columns]:
    """Widths and heights of boxes, each (n,)."""
    sides = boxes[:, 2:].astype(np.float64) - boxes[:, :2]
    return sides[:, 0], sides[:, 1]
