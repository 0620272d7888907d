"""Startled eyes: cartoon eyes that pop out of a face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.effects.cartoon_eyes import REACH, EyeDrawing
from closeup.effects.extras import FaceDrawing
from closeup.effects.face_memory import FaceMemory
from closeup.effects.face_shapes import EyeShape, Point, face_shapes
from closeup.effects.layer import layer_over, matrix_of
from closeup.effects.triggers import Trigger
from closeup.faces import Faces
from closeup.frames import RGBImage

_RADIUS = 0.36
"""Radius of an eye that has popped out, in eye distances."""
_RAISED = 0.06
"""Distance by which it is above the pupil, in eye distances."""
_LEAST = 3.0
"""Radius in pixels from which an eye is drawn: nothing smaller than 6 pixels is recognised."""
_SHAKE, _SHAKES = 0.018, (11.0, 13.0)
"""Amplitude of the trembling in eye distances, and its frequencies across and down in hertz."""


_RESTED = 0.5
"""Seconds between two frames from which a spring does not remember its motion."""


@dataclass(slots=True)
class Spring:
    """An under-damped spring of mass 1 (exact solution of ``x'' = -w²(x - target) - 2dw x'``).

    Attributes:
        value: Where it is.
        speed: Change of the value a second.
        pulsation: Undamped angular frequency w in radians a second.
        damping: Damping ratio d, above 0 and below 1; smaller values overshoot more.

    """

    value: float = 0.0
    speed: float = 0.0
    pulsation: float = 20.0
    damping: float = 0.4

    def move(self, target: float, seconds: float) -> float:
        """Let time pass, and return the new value.

        Args:
            target: Value of rest.
            seconds: Time since the last call, 0 or more.

        """
        if seconds > _RESTED:
            self.value, self.speed = target, 0.0
            return self.value
        damped = self.pulsation * math.sqrt(1 - self.damping**2)
        fade = math.exp(-self.damping * self.pulsation * seconds)
        cos, sin = math.cos(damped * seconds), math.sin(damped * seconds)
        away = self.value - target
        push = (self.speed + self.damping * self.pulsation * away) / damped
        self.value = target + fade * (away * cos + push * sin)
        self.speed = fade * (
            self.speed * cos
            - sin * (self.pulsation**2 * away + self.damping * self.pulsation * self.speed) / damped
        )
        return self.value


class StartledEyes:
    """Draws cartoon eyes over both pupils; in a video they spring out when triggered.

    In photos they are out. The eyes follow position, size, roll and turn of the head, and look
    where the real eyes look.

    Args:
        drawing: Draws one eye.
        trigger: Decides when the eyes are out in a video.
        amount: Size of the eyes, 1 is the usual one.
        extras: Further drawings on each face, below the eyes.

    """

    def __init__(
        self,
        drawing: EyeDrawing,
        trigger: Trigger,
        *,
        amount: float = 1.0,
        extras: Sequence[FaceDrawing] = (),
    ) -> None:
        self._drawing, self._trigger = drawing, trigger
        self._amount, self._extras = amount, extras
        self._springs = FaceMemory(Spring)

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        drawn = image.copy()
        for face in face_shapes(faces):
            out = self._out(faces, face.row)
            shown = min(1.0, out) * max((eye.opacity for eye in face.eyes), default=0.0)
            for extra in self._extras if shown > 0 else ():
                extra(drawn, face, shown)
            look, shake = _look(faces, face.row), _shake(faces, face.row, out)
            for eye in face.eyes:
                place = eye.pupil + face.axes @ (shake - (0, _RAISED * out)) * face.unit
                self._draw(drawn, eye, place, out * self._amount * face.unit, look)
        return drawn

    def _out(self, faces: Faces, row: int) -> float:
        """How far the eyes of a face are out: 0 at rest, 1 out, more in the overshoot."""
        recalled = self._springs.recall(faces, row)
        if recalled is None:
            return 1.0
        spring, passed = recalled
        return max(0.0, spring.move(float(self._trigger.on(faces, row)), passed))

    def _draw(self, drawn: RGBImage, eye: EyeShape, place: Point, size: float, look: Point) -> None:
        radius = _RADIUS * size
        if radius < _LEAST:
            return
        with layer_over(drawn, place, REACH * radius, eye.opacity) as canvas:
            if canvas is not None:
                canvas.concat(matrix_of(eye.plane * radius, place))
                self._drawing(canvas, look)


def _look(faces: Faces, row: int) -> Point:
    """Where the eyes look, (2,) in -1..1 across and down the face; ahead if unknown."""
    if faces.eyes is None or faces.eyes.gaze is None:
        return np.zeros(2)
    return np.asarray(np.nan_to_num(faces.eyes.gaze[row]))


def _shake(faces: Faces, row: int, out: float) -> NDArray[np.float64]:
    """The trembling of the eyes of a face, in eye distances; none in photos."""
    if faces.seconds is None or faces.ids is None:
        return np.zeros(2)
    phase = float(faces.ids[row]) * 1.7
    turns = [2 * math.pi * hertz * faces.seconds + phase for hertz in _SHAKES]
    return np.array([math.sin(turn) for turn in turns]) * _SHAKE * min(out, 1.0)
