"""Sparkling eyes: glints of light on the eyes and stars around them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import skia

from closeup.effects.face_shapes import EyeShape, FaceShape, face_shapes
from closeup.effects.layer import layer_over
from closeup.faces import Faces
from closeup.frames import RGBImage

_LEAST = 3.0
"""Radius of a glint in pixels, from which it is drawn."""
_COLOURS = (0xFFFFFFFF, 0xFFFFF3B0, 0xFFBFE8FF)


@dataclass(frozen=True, slots=True)
class _Star:
    """One star: its place from the pupil across and down, its radius, in eye distances."""

    across: float
    down: float
    radius: float


_STARS = (
    _Star(-0.04, -0.05, 0.16),
    _Star(0.07, 0.05, 0.07),
    _Star(0.26, -0.2, 0.11),
    _Star(-0.22, 0.2, 0.08),
    _Star(0.12, -0.3, 0.06),
)
_TWINKLES = 1.3
"""Frequency at which a star grows and fades in a video, in hertz."""


class SparklingEyes:
    """Draws stars that twinkle on and around each eye.

    Args:
        amount: Size of the stars, 1 is the usual one.

    """

    def __init__(self, amount: float = 1.0) -> None:
        self._amount = amount

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        drawn = image.copy()
        for face in face_shapes(faces):
            for side, eye in ((-1.0, face.right), (1.0, face.left)):
                if eye is not None:
                    self._draw(drawn, faces, face, eye, side)
        return drawn

    def _draw(
        self, drawn: RGBImage, faces: Faces, face: FaceShape, eye: EyeShape, side: float
    ) -> None:
        for number, star in enumerate(_STARS):
            bright = _brightness(faces, face.row, number)
            radius = star.radius * self._amount * face.unit * (0.5 + bright / 2)
            if radius < _LEAST:
                continue
            offset = np.array([side * star.across, star.down]) * face.unit
            place = eye.pupil + face.axes @ offset
            with layer_over(drawn, place, 1.2 * radius, bright * eye.opacity) as canvas:
                if canvas is not None:
                    canvas.translate(*place.tolist())
                    canvas.rotate(math.degrees(face.roll) + 12 * number)
                    canvas.scale(radius, radius)
                    _draw_star(canvas, _COLOURS[number % len(_COLOURS)])


def _brightness(faces: Faces, row: int, number: int) -> float:
    """Of a star at the time of the frame, 0 to 1; all are bright in photos."""
    if faces.seconds is None or faces.ids is None:
        return 1.0
    phase = 2.4 * number + 1.1 * float(faces.ids[row])
    return 0.5 + 0.5 * math.sin(2 * math.pi * _TWINKLES * faces.seconds + phase)


def _draw_star(canvas: skia.Canvas, colour: int) -> None:
    """Draw a star with four rays in the unit circle, with a glow."""
    glow = skia.GradientShader.MakeRadial((0, 0), 0.7, [colour & 0x90FFFFFF, colour & 0x00FFFFFF])
    canvas.drawCircle(0, 0, 0.7, skia.Paint(AntiAlias=True, Shader=glow))
    path = skia.Path()
    path.moveTo(0, -1)
    for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        path.quadTo(0, 0, x, y)
    canvas.drawPath(path.close(), skia.Paint(AntiAlias=True, Color=colour))
