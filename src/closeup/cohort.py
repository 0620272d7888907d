"""Distances between vectors of an embedding, normalised by a cohort of typical faces.

An embedding puts faces of some kinds close together: those that it saw little of in training,
as dlib's did of Asian women. One limit for all distances then takes them for each other. Score
normalisation measures a distance against how far both faces are from the nearest of a cohort of
typical faces: a milder form of the local scaling of Zelnik-Manor and Perona ("Self-Tuning
Spectral Clustering", NIPS 2004), and akin to the cohort normalisation of speaker verification.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RANGE = (0.5, 1.4)
"""Distances to the cohort that are believed, in radii: all of LFW's faces lie between these."""
_STRENGTH = 0.5
"""1 would be full local scaling; on LFW's development people half of it tells strangers best."""


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Typical faces of one embedding.

    Attributes:
        centres: (k, d) float32 of unit length, k ≥ 1.
        radius: Mean distance of a face to the nearest of them, above 0.

    Raises:
        ValueError: the arrays are of another form; the message is one line.

    """

    centres: NDArray[np.float32]
    radius: float

    def __post_init__(self) -> None:
        if self.centres.ndim != 2 or not self.centres.size or self.centres.dtype != np.float32:
            raise ValueError(f"a cohort's centres are (k, d) float32, not {self.centres.shape}")
        bounded = bool((np.abs(self.centres) < 1.001).all())  # or a length would overflow
        if not bounded or (np.abs(np.linalg.norm(self.centres, axis=1) - 1) > 1e-3).any():
            raise ValueError("a cohort's centres are of unit length")
        if not 0 < self.radius < 2:
            raise ValueError(f"a cohort's radius is between 0 and 2, not {self.radius:g}")

    def scales(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Factors for distances from each vector: above 1 among typical faces, below 1 outside.

        Args:
            vectors: (n, d) of unit length.

        Returns:
            (n,) factors; a distance between two vectors takes those of both.

        """
        nearest = distances(vectors, self.centres).min(axis=1)
        radii = np.clip(nearest / self.radius, *_RANGE)
        return np.asarray(radii ** (-_STRENGTH / 2), np.float32)


def relative_distances(
    a: NDArray[np.float32], b: NDArray[np.float32], cohort: Cohort | None
) -> NDArray[np.float32]:
    """Distance of every vector of ``a`` to every one of ``b``, larger where faces are typical.

    It is 0 for the same vector; for vectors at the cohort's radius it is the Euclidean distance.

    Args:
        a: (n, d) of unit length.
        b: (m, d) of unit length.
        cohort: Of their embedder; None leaves Euclidean distances.

    Returns:
        (n, m) float32.

    """
    apart = distances(a, b)
    if cohort is None:
        return apart
    return np.asarray(apart * cohort.scales(a)[:, None] * cohort.scales(b), np.float32)


def distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Euclidean distance of every vector of ``a`` to every one of ``b``, all of unit length."""
    return np.asarray(np.sqrt(np.maximum(2 - 2 * (a @ b.T), 0)), np.float32)


def unit_length(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """The vectors (…, d) at length 1; a vector of zeros stays."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)
