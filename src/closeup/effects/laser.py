"""Laser eyes: glowing beams from both pupils in the direction of the gaze."""

from __future__ import annotations

import math

import numpy as np
import skia

from closeup.effects.face_shapes import FaceShape, Point, face_shapes
from closeup.effects.layer import layer_over
from closeup.faces import Faces
from closeup.frames import RGBImage

_LENGTH = 9.0
"""Length of a beam in eye distances."""
_AHEAD = np.array([0.0, 0.55])
"""Direction of the beams of eyes that look ahead, across and down the face: they would point at the
camera, so they are drawn downwards."""
_ASIDE = np.array([1.3, 1.0])
"""Change of the direction by a gaze of 1, across and down."""
_LEAST = 1.5
"""Width of a beam in pixels, from which it is drawn."""
_BEAMS = ((0.30, 0x40FF1010), (0.17, 0x90FF2020), (0.085, 0xFFFF5040), (0.038, 0xFFFFF0E0))
"""Widths in eye distances and colours of the layers of a beam, from the glow to the core."""
_FLICKERS = 17.0
"""Frequency of the flicker in a video, in hertz."""


class LaserEyes:
    """Draws a beam from each pupil.

    Args:
        amount: Width of the beams, 1 is the usual one.

    """

    def __init__(self, amount: float = 1.0) -> None:
        self._amount = amount

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        drawn = image.copy()
        for face in face_shapes(faces):
            if self._amount * _BEAMS[-1][0] * face.unit * 4 < _LEAST:
                continue
            way = _way(faces, face)
            for eye in face.eyes:
                reach = _LENGTH * face.unit + 1
                with layer_over(drawn, eye.pupil, reach, eye.opacity) as canvas:
                    if canvas is not None:
                        self._draw(canvas, eye.pupil, way * _LENGTH * face.unit, face.unit, faces)
        return drawn

    def _draw(
        self, canvas: skia.Canvas, start: Point, way: Point, unit: float, faces: Faces
    ) -> None:
        now = faces.seconds or 0.0
        flicker = 1 + 0.12 * math.sin(2 * math.pi * _FLICKERS * now)
        end = start + way
        for share, colour in _BEAMS:
            width = share * self._amount * unit * flicker
            fading = skia.GradientShader.MakeLinear(
                [tuple(start.tolist()), tuple(end.tolist())], [colour, colour & 0x00FFFFFF]
            )
            paint = skia.Paint(
                AntiAlias=True,
                Shader=fading,
                Style=skia.Paint.kStroke_Style,
                StrokeWidth=width,
                StrokeCap=skia.Paint.kRound_Cap,
                MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, width / 5 + 0.1),
            )
            canvas.drawLine(*start.tolist(), *end.tolist(), paint)
        glow = skia.GradientShader.MakeRadial(
            tuple(start.tolist()), 0.22 * unit, [0xFFFFFFFF, 0xD0FF4030, 0x00FF1010]
        )
        canvas.drawCircle(*start.tolist(), 0.22 * unit, skia.Paint(AntiAlias=True, Shader=glow))


def _way(faces: Faces, face: FaceShape) -> Point:
    """Unit vector (2,) of the beams in the picture."""
    look = np.zeros(2)
    if faces.eyes is not None and faces.eyes.gaze is not None:
        look = np.nan_to_num(faces.eyes.gaze[face.row])
    turn = np.array([math.sin(face.yaw), 0.0])
    way = face.axes @ (_AHEAD + _ASIDE * look + turn)
    return np.asarray(way / max(float(np.linalg.norm(way)), 1e-9))
