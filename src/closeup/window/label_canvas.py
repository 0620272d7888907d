"""Draws a picture with its labels as the window shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation, LabelSchema, LabelVerdict
from closeup.drawing.colours import Colour, distinct_colour
from closeup.drawing.crosses import draw_cross
from closeup.drawing.lettering import label
from closeup.drawing.masks import RGBAImage, blended
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.editing_view import ScreenView
from closeup.labels import Box, Point

VERDICT_COLOURS: Mapping[LabelVerdict, Colour] = {
    LabelVerdict.TRUE: (60, 190, 90),
    LabelVerdict.FALSE: (235, 90, 50),
    LabelVerdict.UNSURE: (120, 150, 235),
}
VERDICT_WORDS: Mapping[LabelVerdict, str] = {
    LabelVerdict.TRUE: "TRUE",
    LabelVerdict.FALSE: "FALSE",
    LabelVerdict.UNSURE: "CANNOT TELL",
}

_SHIFT = 4
"""Fractional bits of OpenCV's fixed-point coordinates."""
_DARK: Colour = (0, 0, 0)
_GREY: Colour = (170, 170, 170)
_LETTERS = 18
_REACH = 11.0
"""Length of the arms of a point's cross, in screen pixels."""
_HANDLE = 4
_LENS = 200
"""Side of the magnifier in screen pixels."""
_LENS_ZOOM = 8.0
"""Smallest number of screen pixels a pixel of the picture in the magnifier."""
_LENS_MOST = 24.0
"""Largest one; a picture that is shown as large needs no magnifier."""
_LEAST_LENS = 24
_FRAME = 5
_NO_SCHEMA = LabelSchema()


@dataclass(frozen=True, slots=True)
class PictureLook:
    """How a person wants to see pictures.

    Attributes:
        opacity: Of labels, from 0 to 1; lines are solid from 0.5 on.
        brightness: Added to all pixels, after the contrast.
        contrast: Factor of the distance from mid grey.

    """

    opacity: float = 0.5
    brightness: float = 0.0
    contrast: float = 1.0

    def applied(self, image: RGBImage) -> RGBImage:
        """The picture with this brightness and contrast."""
        if self.brightness == 0 and self.contrast == 1:
            return image
        values = (np.arange(256) - 127.5) * self.contrast + 127.5 + self.brightness
        return np.asarray(cv2.LUT(image, np.clip(values, 0, 255).astype(np.uint8)), np.uint8)


@dataclass(frozen=True, slots=True)
class ShownLabel:
    """A label as it is drawn.

    Attributes:
        annotation: The label with its present places.
        colour: Its colour.
        text: Written beside its box; nothing if empty.
        strong: Whether it is what the person works on; others are thin and grey.
        point: Name of the point that keys move; None if none of them does.
        handles: Whether the box can be resized, so that its corners are marked.
        schema: Order of the points, which gives their colours, and pairs that a line joins.
        named: Whether names are written beside several points.

    """

    annotation: Annotation
    colour: Colour
    text: str = ""
    strong: bool = True
    point: str | None = None
    handles: bool = False
    schema: LabelSchema = _NO_SCHEMA
    named: bool = True


def draw_labels(
    canvas: RGBImage, labels: Sequence[ShownLabel], view: ScreenView, opacity: float
) -> RGBImage:
    """A copy of the screen with labels on it."""
    drawn = np.array(canvas, np.uint8, order="C")
    for one in sorted(labels, key=lambda one: one.strong):
        if one.annotation.box is not None:
            _draw_box(drawn, one, one.annotation.box, view)
        _draw_points(drawn, one, view)
    if opacity >= 0.5:
        return drawn
    return np.asarray(cv2.addWeighted(drawn, 2 * opacity, canvas, 1 - 2 * opacity, 0), np.uint8)


def draw_mask(canvas: RGBImage, overlay: RGBAImage, view: ScreenView, opacity: float) -> RGBImage:
    """A copy of the screen with a coloured mask of the picture blended over it."""
    size = canvas.shape[1], canvas.shape[0]
    on_screen = cv2.warpAffine(overlay, view.similarity.matrix, size, flags=cv2.INTER_NEAREST)
    return blended(canvas, np.asarray(on_screen, np.uint8), opacity)


def draw_verdict(canvas: RGBImage, verdict: LabelVerdict | None) -> None:
    """Frame the screen in the colour of a verdict, and write it."""
    if verdict is None:
        return
    height, width = canvas.shape[:2]
    colour = VERDICT_COLOURS[verdict]
    cv2.rectangle(canvas, (0, 0), (width - 1, height - 1), colour, 2 * _FRAME)
    word = VERDICT_WORDS[verdict]
    paste(canvas, label(word, word, 30, colour), _FRAME, _FRAME)


def draw_magnifier(
    canvas: RGBImage, image: RGBImage, at: Point, view: ScreenView, look: PictureLook
) -> None:
    """Put a magnified part of the picture into the upper right corner, a cross in its middle."""
    side = min(_LENS, canvas.shape[0] // 3, canvas.shape[1] // 3)
    if side < _LEAST_LENS or view.scale >= _LENS_MOST:
        return
    scale = min(max(_LENS_ZOOM, 4 * view.scale), _LENS_MOST)
    middle = (side - 1) / 2
    lens = ScreenView(
        scale, middle + 0.5 - scale * (at[0] + 0.5), middle + 0.5 - scale * (at[1] + 0.5)
    )
    part = look.applied(lens.shown(image, Size(side, side)))
    part = np.array(part, np.uint8)
    draw_cross(part, np.array([middle, middle]), side / 8, (255, 255, 255))
    cv2.rectangle(part, (0, 0), (side - 1, side - 1), (255, 255, 255), 2)
    paste(canvas, part, canvas.shape[1] - side, 0)


def paste(canvas: RGBImage, part: RGBImage, left: int, top: int) -> None:
    """Put a part onto a picture; what sticks out is cut off."""
    x, y = max(left, 0), max(top, 0)
    target = canvas[y : max(top + part.shape[0], 0), x : max(left + part.shape[1], 0)]
    target[:] = part[y - top :, x - left :][: target.shape[0], : target.shape[1]]


def draw_cursor(canvas: RGBImage, at: Point, colour: Colour) -> None:
    """Mark a place on the screen, as an extreme point that was clicked."""
    draw_cross(canvas, np.array(at), _REACH, colour)


def _draw_box(drawn: RGBImage, one: ShownLabel, box: Box, view: ScreenView) -> None:
    first, last = view.to_screen((box[0], box[1])), view.to_screen((box[2], box[3]))
    colour = one.colour if one.strong else _GREY
    for ink, width in ((_DARK, 4), (colour, 2)) if one.strong else ((colour, 1),):
        cv2.rectangle(drawn, _fixed(first), _fixed(last), ink, width, cv2.LINE_AA, _SHIFT)
    if one.handles:
        middle = (first[0] + last[0]) / 2, (first[1] + last[1]) / 2
        for x, y in product((first[0], middle[0], last[0]), (first[1], middle[1], last[1])):
            if (x, y) != middle:
                _draw_handle(drawn, round(x), round(y), colour)
    if one.text:
        plate = label(one.text, "?", _LETTERS, colour)
        top = round(first[1]) - plate.shape[0] - 2
        paste(drawn, plate, round(first[0]), top if top >= 0 else round(last[1]) + 3)


def _draw_handle(drawn: RGBImage, x: int, y: int, colour: Colour) -> None:
    for reach, ink in ((_HANDLE + 1, _DARK), (_HANDLE, colour)):
        cv2.rectangle(drawn, (x - reach, y - reach), (x + reach, y + reach), ink, cv2.FILLED)


def _draw_points(drawn: RGBImage, one: ShownLabel, view: ScreenView) -> None:
    points = one.annotation.points
    places = {name: view.to_screen((point.x, point.y)) for name, point in points.items()}
    for first, last in one.schema.skeleton:
        if first in places and last in places:
            ends = _fixed(places[first]), _fixed(places[last])
            cv2.line(drawn, *ends, one.colour if one.strong else _GREY, 1, cv2.LINE_AA, _SHIFT)
    order = list(dict.fromkeys([*one.schema.points, *places]))
    for name, place in places.items():
        colour = distinct_colour(order.index(name) + 2) if one.strong else _GREY
        draw_cross(drawn, np.array(place), _REACH if one.strong else _REACH / 2, colour)
        if not points[name].visible:
            _draw_ring(drawn, place, 1.4 * _REACH, colour)
        if name == one.point:
            _draw_ring(drawn, place, 1.8 * _REACH, (255, 255, 255))
        if one.strong and one.named and len(places) > 1:
            text = name if points[name].visible else f"{name} (hidden)"
            x, y = round(place[0] + 1.5 * _REACH), round(place[1] - 2 * _REACH)
            paste(drawn, label(text, "?", _LETTERS - 4, colour), x, y)


def _draw_ring(drawn: RGBImage, at: Point, radius: float, colour: Colour) -> None:
    for ink, width in ((_DARK, 3), (colour, 1)):
        size = round(radius * (1 << _SHIFT))
        cv2.circle(drawn, _fixed(at), size, ink, width, cv2.LINE_AA, _SHIFT)


def _fixed(point: Point | NDArray[np.floating]) -> tuple[int, int]:
    x, y = (round(float(min(max(value, -1e5), 1e5)) * (1 << _SHIFT)) for value in point)
    return x, y
