"""The shape of a face and its eyes, as effects need it: places, sizes, directions, lids.

Everything is derived from the columns of :class:`closeup.faces.Faces`: feature points, pupils and
openness. Lengths are in pixels of the picture, angles in radians.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.eyes import Eyes
from closeup.faces import Faces, PointScheme
from closeup.geometry import sides_of
from closeup.pupils.gaze import rest_of

Point = NDArray[np.float64]
"""x and y, (2,)."""

IRIS = 0.0925
"""Radius of an iris in eye distances: 5.85 mm of 63."""

_EYES = {
    PointScheme.DLIB_5: ((2,), (3,), (0,), (1,)),
    PointScheme.DLIB_68: ((36, 37, 38), (39, 40, 41), (45, 44, 43), (42, 47, 46)),
    PointScheme.MEDIAPIPE_468: (
        (33, 246, 161, 160, 159, 158, 157, 173),
        (133, 155, 154, 153, 145, 144, 163, 7),
        (263, 466, 388, 387, 386, 385, 384, 398),
        (362, 382, 381, 380, 374, 373, 390, 249),
    ),
}
"""Points of the right and the left eye, each from the corner at the temple along the upper lid,
and from the corner at the nose along the lower lid. dlib's five points have corners only."""
_NOSE = {PointScheme.DLIB_5: 4, PointScheme.DLIB_68: 33, PointScheme.MEDIAPIPE_468: 2}
"""The base of the nose."""
_NOSE_DEPTH = 0.33
"""Distance of the base of the nose in front of the eyes' corners, in eye distances."""
_MOST_YAW = math.radians(70)
_MOUTH_DOWN = 1.08
"""Usual distance of the mouth below the eyes, in eye distances."""
_NEARER = 0.18
"""Growth of the nearer eye of a head in profile, by perspective at arm's length."""
_UPPER, _LOWER = 0.62, 0.38
"""Shares of the distance of the lids above and below the line between the corners."""
_CLOSED, _OPEN = 0.1, 0.36
"""Largest distance of the lids over the distance of the corners, at an openness of 0 and of 1."""
_MOST_ERROR = 0.06
"""Largest error of the corners and lids that the place of the pupil corrects, in eye distances."""
_OF_CONTOURS = 0.5
"""Share of it that is corrected where the contour of the lids is known."""
_BEYOND = 0.03, 0.01
"""Distances of the ends of the visible eye beyond dlib's corners, at the temple and at the nose, in
eye distances."""
_STEPS = 12
"""Points of each lid of a contour that is derived from the corners."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeShape:
    """One eye.

    Attributes:
        pupil: (2,) centre of the iris.
        radius: Radius of the iris, as seen from the front.
        corners: (2, 2) at the temple and at the nose.
        lids: (k, 2) closed contour of the visible eye: from the temple along the upper lid to the
            nose, and back along the lower lid.
        plane: (2, 2) matrix from vectors in the plane of the face, seen from the front with its
            own axes (across towards the subject's left, and down), to vectors in the picture.
        openness: From 0 (closed) to 1 (wide open).
        opacity: From 0 to 1, how far an effect on it is faded in.

    """

    pupil: Point
    radius: float
    corners: NDArray[np.float64]
    lids: NDArray[np.float64]
    plane: NDArray[np.float64]
    openness: float
    opacity: float

    @property
    def middle(self) -> Point:
        """Middle between the corners; (2,)."""
        return np.asarray(self.corners.mean(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class FaceShape:
    """One face.

    Attributes:
        row: Row of the face in its :class:`closeup.faces.Faces`.
        unit: Distance between the eyes, as seen from the front.
        roll: Clockwise rotation in the picture.
        yaw: Turn of the head, positive towards the right of the picture.
        centre: (2,) middle between the eyes.
        nose: (2,) base of the nose.
        mouth: (2,) middle of the mouth.
        right: The subject's right eye (left in the picture); None if its pupil is unknown.
        left: The left eye.

    """

    row: int
    unit: float
    roll: float
    yaw: float
    centre: Point
    nose: Point
    mouth: Point
    right: EyeShape | None
    left: EyeShape | None

    @property
    def eyes(self) -> tuple[EyeShape, ...]:
        """The known eyes, the right one first."""
        return tuple(eye for eye in (self.right, self.left) if eye is not None)

    @property
    def axes(self) -> NDArray[np.float64]:
        """(2, 2) columns: unit vectors across the face, towards the subject's left, and down."""
        cos, sin = math.cos(self.roll), math.sin(self.roll)
        return np.array([[cos, -sin], [sin, cos]])


def face_shapes(faces: Faces) -> Iterator[FaceShape]:
    """The shape of each face with ``eyes`` and ``points`` of a known scheme.

    Faces whose eyes coincide are left out.

    Args:
        faces: n faces of a picture.

    """
    if faces.eyes is None or faces.points is None or faces.scheme not in _NOSE:
        return
    scheme = PointScheme(str(faces.scheme))
    for row, points in enumerate(faces.points.astype(np.float64)):
        shape = _shape(faces, faces.eyes, row, points, scheme)
        if shape is not None:
            yield shape


def _shape(
    faces: Faces, found: Eyes, row: int, points: NDArray[np.float64], scheme: PointScheme
) -> FaceShape | None:
    chains = [points[list(chain)] for chain in _EYES[scheme]]
    right, left = ((a[0] + b[0]) / 2 for a, b in (chains[:2], chains[2:]))
    apart = float(np.linalg.norm(left - right))
    if apart < 1e-6:
        return None
    across = (left - right) / apart
    down = np.array([-across[1], across[0]])
    nose = points[_NOSE[scheme]]
    centre = (right + left) / 2
    aside = float((nose - centre) @ across) / apart
    yaw = float(np.clip(math.atan(aside / _NOSE_DEPTH), -_MOST_YAW, _MOST_YAW))
    unit = min(apart / math.cos(yaw), _largest_unit(faces, row))
    roll = math.atan2(across[1], across[0])
    turned = np.column_stack([across * math.cos(yaw), down])
    mouth = _mouth(faces, row, centre, down, unit)
    usual = rest_of(len(points)).down
    eyes = [
        _eye(found, row, side, pair, turned * _perspective(side, yaw), unit, usual)
        for side, pair in enumerate((chains[:2], chains[2:]))
    ]
    return FaceShape(row, unit, roll, yaw, centre, nose, mouth, *eyes)


def _largest_unit(faces: Faces, row: int) -> float:
    """Eye distance that the box allows: the yaw of a face in profile is uncertain."""
    return 0.62 * float(sides_of(faces.boxes[row]).max())


def _perspective(side: int, yaw: float) -> float:
    """Enlargement of the nearer eye: the right one if the head turns to the picture's right."""
    return 1 + _NEARER * math.sin(yaw) * (0.5 if side == 0 else -0.5)


def _mouth(faces: Faces, row: int, centre: Point, down: Point, unit: float) -> Point:
    if faces.landmarks is not None:
        return np.asarray(faces.landmarks[row, 3:].astype(np.float64).mean(axis=0))
    return np.asarray(centre + _MOUTH_DOWN * unit * down)


def _eye(
    eyes: Eyes,
    row: int,
    side: int,
    chains: list[NDArray[np.float64]],
    plane: NDArray[np.float64],
    unit: float,
    usual: float,
) -> EyeShape | None:
    pupil = eyes.centres[row, side].astype(np.float64)
    if not np.isfinite(pupil).all():
        return None
    openness = float(eyes.openness[row, side])
    openness = 1.0 if math.isnan(openness) else openness
    opacity = 1.0 if eyes.opacity is None else float(eyes.opacity[row, side])
    upper, lower = chains
    corners = np.stack([upper[0], lower[0]])
    # The corners of dlib's five points err by a few hundredths; the pupil is more exact.
    down = plane[:, 1] / np.linalg.norm(plane[:, 1])
    error = float((pupil - corners.mean(axis=0)) @ down) / unit - usual
    correction = np.clip(error, -_MOST_ERROR, _MOST_ERROR) * unit * down
    if len(upper) > 1:
        correction = _OF_CONTOURS * correction
        lids = np.concatenate([upper, lower]) + correction
    else:
        lids = almond(_ends(corners, unit) + correction, down, openness)
    corners = corners + correction
    return EyeShape(pupil, IRIS * unit, corners, lids, plane, openness, opacity)


def _ends(corners: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
    """The ends (2, 2) of the visible eye, which lie beyond dlib's corners."""
    along = corners[1] - corners[0]
    along = along * unit / max(float(np.linalg.norm(along)), 1e-9)
    return np.asarray(corners + np.array([[-_BEYOND[0]], [_BEYOND[1]]]) * along)


def almond(
    corners: NDArray[np.float64], down: NDArray[np.float64], openness: float
) -> NDArray[np.float64]:
    """Contour of an eye by its corners and its openness, as for :attr:`EyeShape.lids`.

    Args:
        corners: (2, 2) at the temple and at the nose.
        down: (2,) direction down the face.
        openness: From 0 to 1.

    """
    temple, nose = corners
    along = nose - temple
    width = float(np.linalg.norm(along))
    normal = down / max(float(np.linalg.norm(down)), 1e-9) * width
    height = _CLOSED + (_OPEN - _CLOSED) * openness
    share = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    upper = temple + share * along - _UPPER * height * _lid(share, 0.46) * normal
    lower = nose - share * along + _LOWER * height * _lid(1 - share, 0.54) * normal
    return np.concatenate([upper, lower])


def _lid(share: NDArray[np.float64], highest: float) -> NDArray[np.float64]:
    """Height of a lid in 0..1 along the line of the corners, highest at ``highest``."""
    power = math.log(0.5) / math.log(highest)
    return np.asarray(np.sin(np.pi * share**power) ** 0.85)
