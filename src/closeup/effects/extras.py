"""Drawings around a startled face: a drop of sweat, and lines of shock."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

import numpy as np
import skia

from closeup.effects.face_shapes import FaceShape
from closeup.effects.layer import layer_over
from closeup.effects.paints import INK, stroke
from closeup.frames import RGBImage

FaceDrawing = Callable[[RGBImage, FaceShape, float], None]
"""Draws something on a picture, which is changed, for one face; the number is how far the effect is
in, from 0 to 1."""

_DROP_AT, _DROP = (1.05, -0.75), 0.3
"""Place of the drop from the middle of the eyes, towards the subject's left and down, and its
height, in eye distances."""
_LINES, _INNER, _OUTER, _WIDTH = 11, 1.75, 2.5, 0.055
"""Number of lines, where they begin and end around the head, and their width, in eye distances."""
_HEAD_DOWN = 0.25
"""Distance of the head's centre below the eyes, in eye distances."""


class Extra(StrEnum):
    """Values of ``--extras``."""

    SWEAT = "sweat"
    LINES = "lines"


def draw_sweat(image: RGBImage, face: FaceShape, amount: float) -> None:
    """Draw a drop of sweat at the temple; see :data:`FaceDrawing`."""
    place = face.centre + face.axes @ np.array(_DROP_AT) * face.unit
    size = _DROP * face.unit
    with layer_over(image, place, 2 * size, amount) as canvas:
        if canvas is None:
            return
        canvas.translate(*place.tolist())
        canvas.rotate(math.degrees(face.roll) + 18)
        canvas.scale(size, size)
        drop = skia.Path().moveTo(0, -1).cubicTo(0.15, -0.45, 0.55, -0.1, 0.55, 0.35)
        drop.cubicTo(0.55, 0.72, 0.3, 0.95, 0, 0.95).cubicTo(-0.3, 0.95, -0.55, 0.72, -0.55, 0.35)
        drop.cubicTo(-0.55, -0.1, -0.15, -0.45, 0, -1).close()
        shade = skia.GradientShader.MakeLinear([(0, -1), (0, 0.95)], [0xFFD8F3FF, 0xFF4FB4F0])
        canvas.drawPath(drop, skia.Paint(AntiAlias=True, Shader=shade))
        canvas.drawPath(drop, stroke(0.1, 0xFF1C4E7A))
        canvas.drawCircle(-0.2, 0.45, 0.13, skia.Paint(AntiAlias=True, Color=0xE0FFFFFF))


def draw_lines(image: RGBImage, face: FaceShape, amount: float) -> None:
    """Draw lines around the upper half of the head; see :func:`draw_sweat`."""
    place = face.centre + face.axes @ np.array([0, _HEAD_DOWN]) * face.unit
    with layer_over(image, place, (_OUTER + _WIDTH) * face.unit, amount) as canvas:
        if canvas is None:
            return
        canvas.translate(*place.tolist())
        canvas.rotate(math.degrees(face.roll))
        canvas.scale(face.unit, face.unit)
        for number in range(_LINES):
            angle = math.pi * (1.05 + 0.9 * number / (_LINES - 1))
            x, y = math.cos(angle), math.sin(angle)
            end = _OUTER if number % 2 else (_INNER + _OUTER) / 2
            for width, colour in ((2.2 * _WIDTH, 0xFFFFFFFF), (_WIDTH, INK)):
                canvas.drawLine(x * _INNER, y * _INNER, x * end, y * end, stroke(width, colour))


def draw_extra(extra: Extra) -> FaceDrawing:
    """The drawing of an extra."""
    return {Extra.SWEAT: draw_sweat, Extra.LINES: draw_lines}[extra]
