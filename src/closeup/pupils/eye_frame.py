"""The two eyes of a face as a frame of reference, independent of the scale of the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CORNERS = {5: ((2, 3), (0, 1)), 68: ((36, 39), (42, 45)), 468: ((33, 133), (362, 263))}
"""Corners of the subject's right and left eye among dlib's 5 and 68 points and MediaPipe's 468."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeFrame:
    """Positions of the eyes, by their corners.

    The line between the centres of both eyes gives the rotation and the unit of length: it is
    longer than one eye, so that an error of a corner rotates it less.

    Attributes:
        right: (2,) float64 x, y, centre between the corners of the subject's right eye, in source
            pixels.
        left: (2,) float64, that of the left eye.

    """

    right: NDArray[np.float64]
    left: NDArray[np.float64]

    @classmethod
    def of(cls, points: NDArray[np.floating]) -> EyeFrame:
        """Make a frame from dlib's 5 or 68 points of one face, or MediaPipe's 468.

        Args:
            points: (5, 2), (68, 2) or (468, 2) x and y in source pixels.

        Raises:
            ValueError: the number of points is another.

        """
        if points.shape[1:] != (2,) or len(points) not in _CORNERS:
            raise ValueError(f"eyes need 5, 68 or 468 points, got an array of shape {points.shape}")
        right, left = _CORNERS[len(points)]
        places = points.astype(np.float64)
        return cls(places[list(right)].mean(axis=0), places[list(left)].mean(axis=0))

    @property
    def distance(self) -> float:
        """Distance between the eyes, in source pixels."""
        return float(np.linalg.norm(self.left - self.right))

    @property
    def across(self) -> NDArray[np.float64]:
        """Unit vector (2,) from the right eye to the left; along x if the eyes coincide."""
        if self.distance < 1e-9:
            return np.array([1.0, 0.0])
        return np.asarray((self.left - self.right) / self.distance)

    def moved(self, offsets: NDArray[np.floating]) -> NDArray[np.float64]:
        """Convert offsets (2, 2) of both eyes from eye distances to vectors in source pixels.

        Args:
            offsets: Right eye first: across (towards the subject's left) and down the face.

        """
        x, y = self.across
        return np.asarray(offsets @ np.array([[x, y], [-y, x]]) * self.distance)

    def measured(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """The inverse of :meth:`moved`: vectors (…, 2) from pixels to eye distances."""
        x, y = self.across
        return np.asarray(vectors @ np.array([[x, -y], [y, x]]) / max(self.distance, 1e-9))
