"""Boxes, points, crosses and labels on a picture, with sub-pixel precision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour, distinct_colour
from closeup.drawing.crosses import draw_cross
from closeup.drawing.lettering import label
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import sides_of

_PIXELS_A_LINE = 500
"""The picture's shorter side over the width of a line."""

_PIXELS_A_LABEL = 54
_LEAST_LABEL = 14
"""Pixels; smaller letters are not legible."""

_DOT = 0.014
"""Radius of a point, as a share of the box's longer side."""

_REACH = 0.045
"""Length of a cross's arms in the same unit; the radius of an iris is about 0.035."""

_SHIFT = 4
"""Fractional bits of OpenCV's fixed-point coordinates."""

_DARK: Colour = (20, 20, 20)

PLAIN: Colour = distinct_colour(2)
"""Colour for faces without a name: green, in contrast to skin."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """The marks of one face.

    Attributes:
        box: (4,) xyxy in the picture's pixels.
        points: (k, 2) x and y in the picture's pixels; k may be 0.
        text: Label beside the box, in any script; no label if it is empty.
        otherwise: Label that is written instead if no installed font has all letters of ``text``,
            or if the picture is too narrow for it.
        colour: Colour of box, points, crosses and label.
        crosses: (k, 2) x and y of pupils or other centres in the picture's pixels, finite.

    """

    box: NDArray[np.floating]
    points: NDArray[np.floating]
    text: str = ""
    otherwise: str = "?"
    colour: Colour = PLAIN
    crosses: NDArray[np.floating] = field(default_factory=lambda: np.empty((0, 2), np.float32))


def draw_marks(image: RGBImage, marks: Iterable[Mark]) -> RGBImage:
    """A copy of a picture with marks on it, antialiased.

    The sizes of lines and letters follow that of the picture. A label is above its box, or below
    it if there is no room, and inside the picture if that is large enough.

    Args:
        image: (H, W, 3) RGB uint8.
        marks: Marks to draw, later ones over earlier ones, and labels over everything else.

    """
    drawn, marks = np.array(image, np.uint8, order="C"), list(marks)
    shorter = min(drawn.shape[:2])
    line = max(1, round(shorter / _PIXELS_A_LINE))
    for mark in marks:
        _draw_box(drawn, mark, line)
    for mark in marks:
        _draw_points(drawn, mark)
        _draw_crosses(drawn, mark)
    height = max(_LEAST_LABEL, shorter // _PIXELS_A_LABEL)
    for mark in marks:
        if mark.text:
            _put_beside(drawn, _plate(mark, height, drawn.shape[1]), mark, line)
    return drawn


def mark_faces(
    image: RGBImage, faces: Faces, texts: Sequence[str] | None = None, colour: Colour = PLAIN
) -> RGBImage:
    """A copy of a picture with what is known of its faces.

    That is the box of each face, its points (the ``points`` of a landmarker, else the detector's
    own), a cross on each pupil, and a label.

    Args:
        image: (H, W, 3) RGB uint8.
        faces: Faces in its pixels.
        texts: A label for each face; None for its name, or its score if it has no name.
        colour: Red, green and blue.

    Raises:
        ValueError: there is not one text a face.

    """
    if texts is None:
        named = zip(faces.names, faces.scores.tolist(), strict=True)
        texts = [name or f"{score:.2f}" for name, score in named]
    points = faces.landmarks if faces.points is None else faces.points
    marks = []
    for number, (box, text) in enumerate(zip(faces.boxes, texts, strict=True)):
        dots = np.empty((0, 2), np.float32) if points is None else points[number]
        eyes = faces.eyes
        crosses = dots[:0] if eyes is None else eyes.centres[number][eyes.found[number]]
        marks.append(Mark(box, dots, text, colour=colour, crosses=crosses))
    return draw_marks(image, marks)


def _draw_box(drawn: RGBImage, mark: Mark, line: int) -> None:
    first, last = _fixed(mark.box[:2]), _fixed(mark.box[2:])
    cv2.rectangle(drawn, first, last, mark.colour, line, cv2.LINE_AA, _SHIFT)


def _plate(mark: Mark, height: int, widest: int) -> RGBImage:
    plate = label(mark.text, mark.otherwise, height, mark.colour)
    if plate.shape[1] <= widest:
        return plate
    return label(mark.otherwise, mark.otherwise, height, mark.colour)


def _draw_points(drawn: RGBImage, mark: Mark) -> None:
    """Draw each point in the mark's colour with a dark rim, so that it is visible on any skin."""
    radius = max(1.0, _DOT * float(sides_of(mark.box).max()))
    for colour, size in ((_DARK, radius + max(0.5, radius / 3)), (mark.colour, radius)):
        for point in mark.points:
            _draw_dot(drawn, point, size, colour)


def _draw_crosses(drawn: RGBImage, mark: Mark) -> None:
    reach = _REACH * float(sides_of(mark.box).max())
    for point in mark.crosses:
        draw_cross(drawn, point, reach, mark.colour)


def _draw_dot(drawn: RGBImage, point: NDArray[Any], radius: float, colour: Colour) -> None:
    size = round(radius * (1 << _SHIFT))
    cv2.circle(drawn, _fixed(point), size, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def _fixed(point: NDArray[Any]) -> tuple[int, int]:
    x, y = (round(float(value) * (1 << _SHIFT)) for value in point)
    return x, y


def _put_beside(drawn: RGBImage, plate: RGBImage, mark: Mark, line: int) -> None:
    (height, width), (rows, columns) = plate.shape[:2], drawn.shape[:2]
    half = line / 2
    left, above = round(float(mark.box[0]) - half), round(float(mark.box[1]) - half) - height
    below = round(float(mark.box[3]) + half) + 1
    top = below if above < 0 and below + height <= rows else above
    left, top = max(0, min(left, columns - width)), max(0, min(top, rows - height))
    target = drawn[top : top + height, left : left + width]
    target[:] = plate[: target.shape[0], : target.shape[1]]
