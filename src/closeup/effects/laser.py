"""Laser eyes: glowing beams from both pupils in the direction of the gaze."""

from __future__ import annotations

import math
from functools import cache

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
_LEAST = 3.0
"""Half the width of a beam with its glow in pixels, from which it is drawn."""
_ACROSS = [0x00FF1010, 0x50FF1818, 0xFFFF5040, 0xFFFFF0E0, 0xFFFF5040, 0x50FF1818, 0x00FF1010]
_STOPS = [0.0, 0.3, 0.42, 0.5, 0.58, 0.7, 1.0]
"""Colours across a beam, from the glow to the core and back."""
_ROWS, _COLUMNS = 51, 9
"""Places across and along a beam between which its colours are interpolated."""
_EYE = [0xFFFFFFFF, 0xD0FF4030, 0x00FF1010]
"""Colours of the glow on the eye, from its middle outwards."""
_GLOW = 0.3
"""Distance from the middle of a beam, in eye distances, up to which its glow reaches."""
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
            if self._amount * _GLOW * face.unit < _LEAST:
                continue
            way = _way(faces, face)
            for eye in face.eyes:
                beam, width = (
                    way * _LENGTH * face.unit,
                    1.2 * _GLOW * max(self._amount, 1) * face.unit,
                )
                reach = np.abs(beam) / 2 + width
                with layer_over(drawn, eye.pupil + beam / 2, reach, eye.opacity) as canvas:
                    if canvas is not None:
                        self._draw(canvas, eye.pupil, beam, face.unit, faces.seconds or 0.0)
        return drawn

    def _draw(self, canvas: skia.Canvas, start: Point, way: Point, unit: float, now: float) -> None:
        """Draw a beam along ``way`` (2,) from ``start`` (2,), and the glow at its beginning."""
        flicker = 1 + 0.12 * math.sin(2 * math.pi * _FLICKERS * now)
        length, half = float(np.linalg.norm(way)), _GLOW * self._amount * unit * flicker
        canvas.translate(*start.tolist())
        canvas.save()
        canvas.rotate(math.degrees(math.atan2(way[1], way[0])))
        canvas.scale(length, half)
        canvas.drawVertices(_beam(), skia.Paint(), skia.BlendMode.kDst)
        canvas.restore()
        glow = skia.GradientShader.MakeRadial((0, 0), 0.22 * unit, _EYE)
        canvas.drawCircle(0, 0, 0.22 * unit, skia.Paint(AntiAlias=True, Shader=glow))


@cache
def _beam() -> skia.Vertices:
    """A beam as a mesh of coloured triangles, from x = 0 to 1, where it ends, and y = -1 to 1.

    Skia draws it in an eighth of the time of two gradients.
    """
    across, along = np.linspace(0, 1, _ROWS), np.linspace(0, 1, _COLUMNS)
    stops = np.array(_ACROSS, ">u4").view(np.uint8).reshape(-1, 4)
    colours = np.stack([np.interp(across, _STOPS, channel) for channel in stops.T], axis=1)
    mesh = np.repeat(colours[None], _COLUMNS, axis=0)
    mesh[..., 0] *= 1 - along[:, None]
    packed = np.rint(mesh).astype(np.uint8).view(">u4").ravel().tolist()
    places = [(x, 2 * y - 1) for x in along.tolist() for y in across.tolist()]
    corner = np.arange(_COLUMNS * _ROWS).reshape(_COLUMNS, _ROWS)[:-1, :-1].ravel()
    triangles = corner[:, None] + (0, 1, _ROWS, 1, _ROWS, _ROWS + 1)
    kind = skia.Vertices.kTriangles_VertexMode
    return skia.Vertices(kind, places, places, packed, triangles.ravel().tolist())


def _way(faces: Faces, face: FaceShape) -> Point:
    """Unit vector (2,) of the beams in the picture."""
    look = np.zeros(2)
    if faces.eyes is not None and faces.eyes.gaze is not None:
        look = np.nan_to_num(faces.eyes.gaze[face.row])
    turn = np.array([math.sin(face.yaw), 0.0])
    way = face.axes @ (_AHEAD + _ASIDE * look + turn)
    return np.asarray(way / max(float(np.linalg.norm(way)), 1e-9))
