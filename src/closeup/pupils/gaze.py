"""Where the eyes look, roughly: how far each pupil is from where it rests between its corners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.eyes import Eyes
from closeup.landmarks.dlib_points import DlibPoints
from closeup.pupils.eye_frame import EyeFrame

_SIDES = np.array([-1.0, 1.0])
"""Which way the temple is, of the right and of the left eye."""
_NOSE = 4
"""Base of the nose among dlib's five points."""
_CLOSED = 0.1
"""A lid that is less open hides where the eye looks; of 3,361 photos of LFW the default method
says so of half the closed eyes and of one open one in fifteen."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Where the pupil of an eye that looks straight out of the head lies, in eye distances.

    Measured from the middle between the corners of the eye, along the line between both eyes
    and across it.

    Attributes:
        outward: Towards the temple.
        down: Towards the chin.
        turn: Further along the line for each eye distance by which the base of the nose leaves
            the middle between the eyes. The pupil lies before the corners, so a turned head
            moves it the way the nose goes, in both eyes alike.

    """

    outward: float
    down: float
    turn: float

    def offsets(self, nose: float) -> NDArray[np.float64]:
        """(2, 2) right eye first: towards the subject's left, and down the face.

        Args:
            nose: How far its base is on the subject's left of the middle, in eye distances.

        """
        along = _SIDES * self.outward + self.turn * nose
        return np.column_stack([along, np.full(2, self.down)])


REST = Rest(outward=0.0092, down=-0.0346, turn=0.0978)
"""Of 3,361 hand-labelled photos of LFW (``benchmarks/gaze.py``), by a robust fit: most people look
straight ahead in most photos. Some with a turned head look back at the camera, which works
against ``turn``: the true one is rather larger."""

REACH = np.array([0.105, 0.07])
"""How far a pupil gets from its rest, across and down, in eye distances. Across: until the rim of
the iris (radius 0.093: 5.85 mm of 63) meets the corner of the eye (0.198 from its middle), some 40
degrees. Down and up: 25 degrees at 0.16, the distance of the pupil from the centre around which
the eye turns. On LFW one photo in 200 is beyond two thirds of the first, or beyond the second."""


def gaze(points: DlibPoints, eyes: Eyes, rest: Rest = REST) -> NDArray[np.float64]:
    """Say for each face which way its eyes look, as far as the face itself can tell.

    The mean of both eyes, weighted by their confidence; one eye alone where the other has no
    pupil or is closed. It is relative to the **face**, not to the camera, and no angle: see
    ``docs/gaze.md``.

    Args:
        points: (n, 5, 2) dlib's five of each face, in the pixels of ``eyes``.
        eyes: Of the same faces.
        rest: Where pupils rest.

    Returns:
        (n, 2): 0, 0 is straight ahead; x grows towards the subject's left (the right of the
        picture, where the face is upright), y towards the chin. ±1 is as far as an eye turns;
        what seems further is cut there. NaN where neither eye tells.

    Raises:
        ValueError: other points than five a face, or of another number of faces.

    """
    if points.shape != (len(eyes), 5, 2):
        raise ValueError(f"{len(eyes)} faces need (n, 5, 2) points, got {points.shape}")
    worth = _worth(eyes)
    found = [
        _of_face(EyeFrame.of(own), own[_NOSE], centres, weights, rest)
        for own, centres, weights in zip(points, eyes.centres, worth, strict=True)
    ]
    return np.array(found, np.float64).reshape(-1, 2)


def nose_aside(frame: EyeFrame, nose: NDArray[np.floating]) -> float:
    """How far a nose's base (2,) is on the subject's left of the eyes' middle, in eye distances."""
    middle = (frame.right + frame.left) / 2
    return float(frame.measured(nose - middle)[0])


def pupil_offsets(frame: EyeFrame, centres: NDArray[np.floating]) -> NDArray[np.float64]:
    """How far pupils (2, 2) are from the middles of their corners, in eye distances; (2, 2)."""
    return frame.measured(centres - np.array([frame.right, frame.left]))


def _worth(eyes: Eyes) -> NDArray[np.float64]:
    """Weight of each eye (n, 2): none where it is closed or has no pupil."""
    usable = eyes.found & ~(eyes.openness < _CLOSED)
    least = 1e-6  # both eyes count alike where a method is sure of neither
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
