"""An estimate of the gaze from the position of each pupil between the corners of its eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.eyes import Eyes
from closeup.pupils.eye_frame import EyeFrame

_SIDES = np.array([-1.0, 1.0])
"""Direction of the temple for the right and the left eye, along the line of the eyes."""
NOSE = {5: 4, 68: 33, 468: 2}
"""Base of the nose among dlib's 5 and 68 points and MediaPipe's 468."""
_CLOSED = 0.1
"""Least openness of an eye with a gaze. On 3,361 photos of LFW, the default method rejects half of
the closed eyes by it, and one open eye in fifteen."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Rest position of the pupil of an eye that looks straight ahead, in eye distances.

    Measured from the centre between the corners of the eye, along the line between both eyes
    and perpendicular to it.

    Attributes:
        outward: Offset towards the temple.
        down: Offset towards the chin.
        turn: Additional offset along the line per eye distance of the nose base from the
            centre between the eyes. The pupil lies in front of the corners, so a rotated head
            moves it in the direction of the nose, equally in both eyes.

    """

    outward: float
    down: float
    turn: float

    def offsets(self, nose: float) -> NDArray[np.float64]:
        """Rest offsets (2, 2), right eye first: towards the subject's left, and down the face.

        Args:
            nose: Offset of the nose base from the centre towards the subject's left, in eye
                distances.

        """
        along = _SIDES * self.outward + self.turn * nose
        return np.column_stack([along, np.full(2, self.down)])


REST = Rest(outward=0.0092, down=-0.0346, turn=0.0978)
"""A robust fit to 3,361 hand-labelled photos of LFW (``benchmarks/gaze.py``): most people look
straight ahead in most photos. Some with a rotated head look back at the camera, which lowers the
fitted ``turn``: the true value is probably larger."""

_RESTS = {5: REST, 68: REST, 468: Rest(outward=-0.0084, down=-0.0237, turn=0.1643)}
"""Rest positions for dlib's 5 and 68 points and MediaPipe's 468, whose corners of the eyes are
farther out and lower; fitted to every second of the same photos."""


def rest_of(points: int) -> Rest:
    """The rest position of pupils relative to the corners of the eyes, for a number of points."""
    return _RESTS[points]


REACH = np.array([0.105, 0.07])
"""Largest offset of a pupil from its rest, across and down, in eye distances. Across: until the rim
of the iris (radius 0.093: 5.85 mm of 63) meets the corner of the eye (0.198 from its centre), about
40 degrees. Down and up: 25 degrees at 0.16, the distance of the pupil from the centre of rotation
of the eye. On LFW one photo in 200 is beyond two thirds of the first, or beyond the second."""


def gaze(points: NDArray[np.floating], eyes: Eyes, rest: Rest | None = None) -> NDArray[np.float64]:
    """Estimate the direction of the gaze of each face, relative to the face.

    The mean of both eyes, weighted by their confidence; one eye alone if the other has no
    pupil or is closed. It is relative to the **face**, not to the camera, and not an angle: see
    ``docs/gaze.md``.

    Args:
        points: (n, k, 2) dlib's 5 or 68 points or MediaPipe's 468 of each face, in the pixels of
            ``eyes``.
        eyes: Pupils of the same faces.
        rest: Rest position of pupils; None for that of the points' scheme.

    Returns:
        (n, 2): 0, 0 is straight ahead; x grows towards the subject's left (the right of the
        picture, where the face is upright), y towards the chin. ±1 is the largest rotation
        of an eye, at which values are clipped. NaN if neither eye is usable.

    Raises:
        ValueError: ``points`` has another shape.

    """
    if len(points) != len(eyes) or points.ndim != 3 or points.shape[1] not in NOSE:
        raise ValueError(
            f"{len(eyes)} faces need (n, k, 2) points with k = 5, 68 or 468, got {points.shape}"
        )
    rest = rest or rest_of(points.shape[1])
    worth = _worth(eyes)
    found = [
        _of_face(EyeFrame.of(own), own[NOSE[len(own)]], centres, weights, rest)
        for own, centres, weights in zip(points, eyes.centres, worth, strict=True)
    ]
    return np.array(found, np.float64).reshape(-1, 2)


def nose_aside(frame: EyeFrame, nose: NDArray[np.floating]) -> float:
    """Offset of a nose base (2,) from the eyes' centre to the subject's left, in eye distances."""
    middle = (frame.right + frame.left) / 2
    return float(frame.measured(nose - middle)[0])


def pupil_offsets(frame: EyeFrame, centres: NDArray[np.floating]) -> NDArray[np.float64]:
    """Offsets (2, 2) of pupils (2, 2) from the centres between their corners, in eye distances."""
    return frame.measured(centres - np.array([frame.right, frame.left]))


def _worth(eyes: Eyes) -> NDArray[np.float64]:
    """Weight of each eye (n, 2): 0 if it is closed or has no pupil."""
    usable = eyes.found & ~(eyes.openness < _CLOSED)
    least = 1e-6  # both eyes count equally if both have no confidence
    return np.where(usable, np.maximum(eyes.confidence, least), 0.0)


def _of_face(
    frame: EyeFrame,
    nose: NDArray[np.floating],
    centres: NDArray[np.floating],
    weights: NDArray[np.float64],
    rest: Rest,
) -> NDArray[np.float64]:
    used = weights > 0
    if not used.any():
        return np.full(2, np.nan)
    moved = pupil_offsets(frame, centres) - rest.offsets(nose_aside(frame, nose))
    mean = np.average(moved[used], axis=0, weights=weights[used])
    return np.asarray(np.clip(mean / REACH, -1.0, 1.0))
