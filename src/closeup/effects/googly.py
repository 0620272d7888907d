"""Googly eyes: glued-on discs whose pupils fall and swing as the head moves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import skia
from numpy.typing import NDArray

from closeup.effects.face_memory import FaceMemory
from closeup.effects.face_shapes import EyeShape, FaceShape, Point, face_shapes
from closeup.effects.layer import layer_over, matrix_of
from closeup.effects.paints import radial, shadow, stroke
from closeup.faces import Faces
from closeup.frames import RGBImage

_RADIUS, _PUPIL = 0.3, 0.5
"""Radius of a disc in eye distances, and of its pupil in radii of the disc."""
_LEAST = 3.0
"""Radius of a disc in pixels, from which it is drawn."""
_GRAVITY = 60.0
"""Acceleration downwards, in disc radii a second²: a disc of two centimetres under a fifth of the
earth's gravity, since its pupil also turns."""
_FRICTION = 2.2
"""Share of its speed that a pupil loses a second."""
_BOUNCE = 0.45
"""Share of the speed with which a pupil comes back from the rim."""
_STEP = 1 / 240
"""Longest time step of the simulation in seconds."""
_LONGEST = 0.25
"""Longest time between two frames that is simulated, in seconds."""


@dataclass(slots=True)
class _Swing:
    """A pupil: its place in the disc, in radii of it, its speed, and the last place of the disc."""

    place: NDArray[np.float64] = field(default_factory=lambda: np.array([0.0, 1 - _PUPIL]))
    speed: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    disc: NDArray[np.float64] | None = None
    disc_speed: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))


class GooglyEyes:
    """Draws discs on both eyes; in a video their pupils obey gravity and the head's movement.

    Args:
        amount: Size of the discs, 1 is the usual one.

    """

    def __init__(self, amount: float = 1.0) -> None:
        self._amount = amount
        self._swings: tuple[FaceMemory[_Swing], FaceMemory[_Swing]] = (
            FaceMemory(_Swing),
            FaceMemory(_Swing),
        )

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        drawn = image.copy()
        for face in face_shapes(faces):
            for side, eye in enumerate((face.right, face.left)):
                radius = _RADIUS * self._amount * face.unit
                if eye is None or radius < _LEAST:
                    continue
                pupil = self._pupil(faces, face, eye, side, radius)
                with layer_over(drawn, eye.pupil, 1.3 * radius, eye.opacity) as canvas:
                    if canvas is not None:
                        canvas.concat(matrix_of(eye.plane * radius, eye.pupil))
                        _draw(canvas, pupil)
        return drawn

    def _pupil(
        self, faces: Faces, face: FaceShape, eye: EyeShape, side: int, radius: float
    ) -> Point:
        """Place of the pupil in the disc, in its radii, along the axes of the face."""
        recalled = self._swings[side].recall(faces, face.row)
        if recalled is None:
            return np.asarray(face.axes.T @ _Swing().place)
        swing, passed = recalled
        disc = eye.pupil / radius
        if swing.disc is not None and 0 < passed <= _LONGEST:
            moved = (disc - swing.disc) / passed
            _swing(swing, (moved - swing.disc_speed) / passed, passed)
            swing.disc_speed = moved
        swing.disc = disc
        return np.asarray(face.axes.T @ swing.place)


def _swing(swing: _Swing, push: NDArray[np.float64], seconds: float) -> None:
    """Let a pupil fall for some seconds while its disc is accelerated by ``push``."""
    steps = max(1, int(np.ceil(seconds / _STEP)))
    step = seconds / steps
    force = np.array([0.0, _GRAVITY]) - push
    for _ in range(steps):
        swing.speed += (force - _FRICTION * swing.speed) * step
        swing.place = swing.place + swing.speed * step
        distance = float(np.linalg.norm(swing.place))
        if distance > 1 - _PUPIL:
            outward = swing.place / distance
            swing.place = outward * (1 - _PUPIL)
            against = float(swing.speed @ outward)
            if against > 0:
                swing.speed -= (1 + _BOUNCE) * against * outward


def _draw(canvas: skia.Canvas, pupil: Point) -> None:
    """Draw a disc of radius 1 around the origin with its pupil."""
    disc = skia.Rect.MakeLTRB(-1, -1, 1, 1)
    shadow(canvas, disc)
    canvas.drawOval(disc, radial((-0.3, -0.4), 1.6, [0xFFFFFFFF, 0xFFF1F1F1, 0xFFBDBDBD]))
    x, y = pupil.tolist()
    canvas.drawCircle(x, y, _PUPIL, radial((x - 0.1, y - 0.1), _PUPIL, [0xFF3A3A3A, 0xFF050505]))
    canvas.drawOval(disc, stroke(0.05, 0xFF8A8A8A))
    gloss = skia.GradientShader.MakeLinear([(-0.5, -0.8), (0.2, 0.2)], [0x70FFFFFF, 0x00FFFFFF])
    canvas.drawOval(disc, skia.Paint(AntiAlias=True, Shader=gloss))
