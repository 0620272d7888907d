"""The two eyes of a face as a frame of reference: places and lengths that do not know its size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CORNERS = {5: ((2, 3), (0, 1)), 68: ((36, 39), (42, 45))}
"""Corners of the subject's right and left eye among dlib's five and sixty-eight points."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeFrame:
    """Where the eyes are, by their corners.

    The line between both middles gives the rotation and the unit of length: it is longer than
    one eye, so that an error of a corner turns it less.

    Attributes:
        right: (2,) float64, middle of the corners of the subject's right eye, source pixels.
        left: (2,) of the left eye.

    """

    right: NDArray[np.float64]
    left: NDArray[np.float64]

    @classmethod
    def of(cls, points: NDArray[np.floating]) -> EyeFrame:
        """From dlib's five or sixty-eight points of one face.

        Args:
            points: (5, 2) or (68, 2) x and y in source pixels.

        Raises:
            ValueError: another number of points.

        """
        if points.shape not in ((5, 2), (68, 2)):
            raise ValueError(f"eyes need 5 or 68 points, got an array of shape {points.shape}")
        right, left = _CORNERS[len(points)]
        places = points.astype(np.float64)
        return cls(places[list(right)].mean(axis=0), places[list(left)].mean(axis=0))

    @property
    def distance(self) -> float:
        """Between the eyes, in source pixels."""
        return float(np.linalg.norm(self.left - self.right))

    @property
    def across(self) -> NDArray[np.float64]:
        """(2,) of length 1: from the right eye to the left; along x where no eyes are apart."""
        if self.distance < 1e-9:
            return np.array([1.0, 0.0])
        return np.asarray((self.left - self.right) / self.distance)

    def moved(self, offsets: NDArray[np.floating]) -> NDArray[np.float64]:
        """How far (2, 2) offsets of both eyes are, given in eye distances, in source pixels.

        Args:
            offsets: Right eye first: across (towards the subject's left) and down the face.

        """
        x, y = self.across
        return np.asarray(offsets @ np.array([[x, y], [-y, x]]) * self.distance)

    def measured(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """The inverse of :meth:`moved`: (…, 2) vectors in pixels as shares of the eye distance."""
        x, y = self.across
        return np.asarray(vectors @ np.array([[x, -y], [y, x]]) / max(self.distance, 1e-9))
