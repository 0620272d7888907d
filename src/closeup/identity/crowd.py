"""Typical faces: where faces crowd in an embedding, a distance says more than where they are rare.

An embedding puts faces of some kinds close together: those that it saw little of in training,
as dlib's did of Asian women. One limit for all distances then takes them for each other. So a
distance is measured against how far both faces are from the nearest of a crowd of typical
faces, a milder form of the local scaling of Zelnik-Manor and Perona ("Self-Tuning Spectral
Clustering", NIPS 2004), and alike to the cohort normalisation of speaker verification.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_RANGE = (0.5, 1.4)
"""Distances to the crowd that are believed, in radii: all of LFW's faces lie between these."""
_STRENGTH = 0.5
"""1 would be full local scaling; on LFW's development people half of it tells strangers best."""


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Typical faces of one embedding.

    Attributes:
        centres: (k, d) float32 of unit length.
        radius: Mean distance of a face to the nearest of them.

    """

    centres: NDArray[np.float32]
    radius: float

    def scales(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """By how much to enlarge distances from each vector: above 1 in the crowd, below 1 outside.

        Args:
            vectors: (n, d) of unit length.

        Returns:
            (n,) factors; a distance between two vectors takes those of both.

        """
        nearest = distances(vectors, self.centres).min(axis=1)
        radii = np.clip(nearest / self.radius, *_RANGE)
        return np.asarray(radii ** (-_STRENGTH / 2), np.float32)


@cache
def crowd_of(embedder: str) -> Crowd | None:
    """The crowd that comes with Closeup for this embedder; None for others."""
    file = files("closeup.identity") / "crowds" / f"{embedder}.npz"
    if not file.is_file():
        return None
    with file.open("rb") as stream, np.load(stream) as arrays:
        centres = unit_length(arrays["centres"].astype(np.float32))
        return Crowd(centres, float(arrays["radius"]))


def relative_distances(
    a: NDArray[np.float32], b: NDArray[np.float32], crowd: Crowd | None
) -> NDArray[np.float32]:
    """Distance of every vector of ``a`` to every one of ``b``, enlarged where faces crowd.

    Zero for the same vector; for typical faces it is the Euclidean distance.

    Args:
        a: (n, d) of unit length.
        b: (m, d) of unit length.
        crowd: Of their embedder; None leaves Euclidean distances.

    Returns:
        (n, m) float32.

    """
    apart = distances(a, b)
    if crowd is None:
        return apart
    return np.asarray(apart * crowd.scales(a)[:, None] * crowd.scales(b), np.float32)


def distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Euclidean distance of every vector of ``a`` to every one of ``b``, all of unit length."""
    return np.asarray(np.sqrt(np.maximum(2 - 2 * (a @ b.T), 0)), np.float32)


def unit_length(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """The vectors (…, d) at length 1; one of zeros stays."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)
