"""The visible part of an eye: what lies between its lids, in the plane of the face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.effects.face_shapes import IRIS, EyeShape, FaceShape, Point

MARGIN, MARGIN_PIXELS = 0.02, 1.35
"""Width of the edge of a lid, with lashes, by which the opening exceeds the contour of the eye: in
eye distances, and at least in pixels, since an iris and a lid are mixed there."""
_NEAR_CORNER = IRIS / 2
"""Least distance of the centre of a moved iris from the corners of its eye, in eye distances."""


Values = NDArray[np.floating]
"""A number for each place."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeOpening:
    """The visible part of an eye, in the plane of the face, in eye distances from its middle.

    Attributes:
        linear: (2, 2) matrix from that plane to pixels.
        middle: (2,) of the eye, in pixels.
        axes: (2, 2) matrix from vectors along the axes of the face, in eye distances, to pixels.
        iris: (2,) centre of the iris.
        upper: (2, k) x and y of the upper lid, x increasing.
        lower: (2, k) of the lower lid.
        margin: Width of the edges of the lids, which are part of the opening.

    """

    linear: NDArray[np.float64]
    middle: Point
    axes: NDArray[np.float64]
    iris: Point
    upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    margin: float

    @classmethod
    def of(cls, face: FaceShape, eye: EyeShape) -> EyeOpening:
        """The opening of an eye of a face."""
        linear = eye.plane * face.unit
        inverse = np.linalg.inv(linear)
        lids = (eye.lids - eye.middle) @ inverse.T
        half = len(lids) // 2
        margin = max(MARGIN, MARGIN_PIXELS / face.unit)
        upper, lower = lids[: half + 1], np.concatenate([lids[half:], lids[:1]])
        return cls(
            linear,
            eye.middle,
            face.axes * face.unit * math.cos(face.yaw),
            inverse @ (eye.pupil - eye.middle),
            _widened(upper[np.argsort(upper[:, 0])].T, -margin),
            _widened(lower[np.argsort(lower[:, 0])].T, margin),
            margin,
        )

    @property
    def scale(self) -> float:
        """Pixels per eye distance, along the larger side."""
        return float(np.linalg.norm(self.linear, axis=0).max())

    @property
    def ends(self) -> tuple[float, float]:
        """Its smallest and its largest x."""
        return float(self.upper[0, 0]), float(self.upper[0, -1])

    def lids(self, x: Values) -> tuple[Values, Values]:
        """The y of the upper and of the lower lid at places across."""
        top, bottom = np.interp(x, *self.upper), np.interp(x, *self.lower)
        return top.astype(x.dtype), bottom.astype(x.dtype)

    def depth(self, x: Values, y: Values, above: float = 0.0, below: float = 0.0) -> Values:
        """Distance of places from the nearer lid, down or up; negative outside the opening.

        Args:
            x: Places across, of a shape that broadcasts with that of ``y``.
            y: Places down.
            above: Height of a strip above the opening that counts as inside.
            below: That of a strip below it.

        """
        top, bottom = self.lids(x)
        left, right = self.ends
        inside = np.minimum(y - (top - above), (bottom + below) - y)
        return np.where((x < left) | (x > right), -np.abs(inside), inside)

    def limited(self, shift: Point) -> Point:
        """A shift along the axes of the face, in this plane, that leaves most of the iris visible.

        Its centre stays half a radius from the corners, and between the lids; an iris that is
        beyond them already comes no nearer by itself.
        """
        moved = self.iris + np.linalg.solve(self.linear, self.axes @ shift)
        return self._inside(moved) - self._inside(self.iris)

    def _inside(self, place: Point) -> Point:
        """The nearest place (2,) that the centre of a moved iris may have."""
        low, high = self.ends[0] + _NEAR_CORNER, self.ends[1] - _NEAR_CORNER
        x = float(np.clip(place[0], low, high)) if low < high else float(self.iris[0])
        top, bottom = (float(y) for y in self.lids(np.array(x)))
        return np.array([x, np.clip(place[1], top + self.margin, bottom - self.margin)])


def _widened(lid: NDArray[np.float64], by: float) -> NDArray[np.float64]:
    """A lid (2, k) moved down by a distance, less near the corners."""
    share = (lid[0] - lid[0, 0]) / max(float(lid[0, -1] - lid[0, 0]), 1e-9)
    return np.stack([lid[0], lid[1] + by * np.sqrt(4 * share * (1 - share))])
