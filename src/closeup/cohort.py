"""Distances between vectors of an embedding, normalised by a cohort of typical faces.

An embedding maps faces of groups that were rare in its training data close together, as dlib's
does for Asian women. With one threshold for all distances these people are confused. Score
normalisation divides a distance by the distances of both faces to the nearest of a cohort of
typical faces. It is a milder form of the local scaling of Zelnik-Manor and Perona ("Self-Tuning
Spectral Clustering", NIPS 2004), and similar to cohort normalisation in speaker verification.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RANGE = (0.5, 1.4)
"""Limits of the distance to the cohort, in radii: all of LFW's faces lie between them."""
_STRENGTH = 0.5
"""Exponent of the normalisation: 1 is full local scaling, 0 is none; 0.5 separates LFW's
development people best."""


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Typical faces of one embedding.

    Attributes:
        centres: (k, d) float32 of unit length, k ≥ 1.
        radius: Mean Euclidean distance of a face to the nearest centre, between 0 and 2.

    Raises:
        ValueError: the shape, type or values are not valid; the message is one line.

    """

    centres: NDArray[np.float32]
    radius: float

    def __post_init__(self) -> None:
        if self.centres.ndim != 2 or not self.centres.size or self.centres.dtype != np.float32:
            raise ValueError(f"a cohort's centres are (k, d) float32, not {self.centres.shape}")
        bounded = bool((np.abs(self.centres) < 1.001).all())  # keeps the norm from overflowing
        if not bounded or (np.abs(np.linalg.norm(self.centres, axis=1) - 1) > 1e-3).any():
            raise ValueError("a cohort's centres are of unit length")
        if not 0 < self.radius < 2:
            raise ValueError(f"a cohort's radius is between 0 and 2, not {self.radius:g}")

    def scales(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Factors for distances from each vector: above 1 near the cohort, below 1 far from it.

        Args:
            vectors: (n, d) float32 of unit length.

        Returns:
            (n,) float32; a distance between two vectors is multiplied by the factors of both.

        """
        nearest = distances(vectors, self.centres).min(axis=1)
        radii = np.clip(nearest / self.radius, *_RANGE)
        return np.asarray(radii ** (-_STRENGTH / 2), np.float32)


def relative_distances(
    a: NDArray[np.float32], b: NDArray[np.float32], cohort: Cohort | None
) -> NDArray[np.float32]:
    """Normalised distance of every vector of ``a`` to every one of ``b``.

    It is 0 for equal vectors, and the Euclidean distance for vectors at the cohort's radius.

    Args:
        a: (n, d) float32 of unit length.
        b: (m, d) float32 of unit length.
        cohort: Cohort of their embedder; None for Euclidean distances.

    Returns:
        (n, m) float32.

    """
    apart = distances(a, b)
    if cohort is None:
        return apart
    return np.asarray(apart * cohort.scales(a)[:, None] * cohort.scales(b), np.float32)


def distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Euclidean distances of unit vectors ``a`` (n, d) to unit vectors ``b`` (m, d); (n, m)."""
    return np.asarray(np.sqrt(np.maximum(2 - 2 * (a @ b.T), 0)), np.float32)


def unit_length(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """The vectors (…, d) normalised to length 1; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)
