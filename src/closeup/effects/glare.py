"""Glaring eyes: the irises of a face turned and its lids narrowed, by warping the own pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from closeup.effects.eye_opening import EyeOpening
from closeup.effects.face_shapes import EyeShape, FaceShape, Point, face_shapes
from closeup.effects.moved_eye import MovedEye
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.pupils.gaze import REACH, gaze, rest_of


class Direction(StrEnum):
    """Where the eyes look, in the picture of an upright head."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    CAMERA = "camera"
    """Into the lens."""


_TOWARDS = {
    Direction.LEFT: (-0.85, 0.0),
    Direction.RIGHT: (0.85, 0.0),
    Direction.UP: (0.0, -0.55),
    Direction.DOWN: (0.0, 0.55),
}
"""Gaze at an amount of 1, as of :func:`closeup.pupils.gaze.gaze`."""
EYEBALL = 0.16
"""Distance of the pupil from the centre of rotation of the eye, in eye distances."""
_MOST_TURN, _NO_TURN = EYEBALL * math.sin(math.radians(15)), EYEBALL * math.sin(math.radians(25))
"""Shifts, in eye distances, up to which the look into the camera is corrected whole, and from which
it is not corrected at all: larger corrections look uncanny."""
_BACK = -0.05
"""Shift of a pupil that looks into the camera, in eye distances, per eye distance that the base of
the nose is aside: the eyeball's centre lies behind the corners of the eye."""
_STRAIGHT, _TURNED = math.radians(25), math.radians(45)
"""Turns of a head up to which the effect is whole, and from which there is none."""
_BLINK, _OPEN = 0.3, 0.8
"""Openness below which there is no effect, and from which it is whole: of narrower eyes, little of
the iris is visible, and its place is uncertain."""
_SMALLEST = 3.0
"""Radius of an iris in pixels, from which an eye is changed."""


class GlaringEyes:
    """Turns the irises of every face and narrows its lids.

    Nothing outside the eyes and their lids is changed. The effect fades out at blinks, on turned
    heads and, for CAMERA, where more than 15 degrees would have to be corrected.

    Args:
        direction: Where the eyes look.
        amount: From 0 to 1, how far.
        narrowed: From 0 to 1, how far the lids close; None for ``amount``, and 0 for CAMERA.

    """

    def __init__(
        self, direction: Direction = Direction.LEFT, amount: float = 0.8,
        narrowed: float | None = None,
    ) -> None:  # fmt: skip
        self._direction, self._amount = direction, amount
        usual = 0.0 if direction is Direction.CAMERA else amount
        self._narrowed = usual if narrowed is None else narrowed

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        drawn = image.copy()
        for _, _, eye in self.moved_eyes(faces):
            eye.draw(image, drawn)
        return drawn

    def moved_eyes(self, faces: Faces) -> Iterator[tuple[int, int, MovedEye]]:
        """The eyes that are changed: row of the face, 0 for the right eye or 1, and the eye."""
        if faces.points is None or faces.eyes is None:
            return
        looks = gaze(faces.points, faces.eyes)
        for face in face_shapes(faces):
            shift = self._shift(face, looks[face.row], faces.points.shape[1])
            for side, eye in enumerate((face.right, face.left)):
                if eye is not None and eye.radius >= _SMALLEST and np.isfinite(shift).all():
                    share, opening = _share(face, eye), EyeOpening.of(face, eye)
                    moved = share * opening.limited(shift)
                    yield face.row, side, MovedEye.narrowed(opening, moved, share * self._narrowed)

    def _shift(self, face: FaceShape, look: NDArray[np.float64], points: int) -> Point:
        """Wanted shift (2,) of both irises, in eye distances along the axes of the face.

        Args:
            face: The face.
            look: (2,) its gaze.
            points: Number of the feature points from which it was measured.

        """
        if self._direction is Direction.CAMERA:
            missing = shift_to_camera(face, look, points)
            return np.asarray(missing * self._amount * _fading(missing))
        return np.asarray((np.array(_TOWARDS[self._direction]) - look) * REACH * self._amount)


def shift_to_camera(face: FaceShape, look: Point, points: int) -> Point:
    """Shift (2,) of both irises to a look into the lens, in eye distances along the face's axes.

    Args:
        face: The face.
        look: (2,) its gaze.
        points: Number of the feature points from which it was measured.

    """
    apart = face.unit * math.cos(face.yaw)
    aside = float((face.axes.T @ (face.nose - face.centre))[0]) / apart
    return np.asarray(np.array([(_BACK - rest_of(points).turn) * aside, 0.0]) - look * REACH)


def _fading(missing: Point) -> float:
    """Share of a correction that is applied, by its size."""
    return _falling(float(np.linalg.norm(missing)), _MOST_TURN, _NO_TURN)


def _falling(value: float, whole: float, none: float) -> float:
    """1 up to ``whole``, 0 from ``none`` on, smooth in between."""
    share = min(1.0, max(0.0, (none - value) / (none - whole)))
    return share * share * (3 - 2 * share)


def _share(face: FaceShape, eye: EyeShape) -> float:
    """How far the effect on an eye is in, from 0 to 1."""
    turned = _falling(abs(face.yaw), _STRAIGHT, _TURNED)
    return eye.opacity * turned * _falling(-eye.openness, -_OPEN, -_BLINK)
