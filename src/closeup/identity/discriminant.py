"""A discriminant for the members of one gallery."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHRINKAGE = 0.8
"""Shrinkage towards a spherical covariance: few photos a person do not determine 128 dimensions.
Of 0.3 to 0.9 it is the best on groups of look-alikes of LFW's development set."""
_LEAST_PEOPLE = 3
_LEAST_PHOTOS = 3
_FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Discriminant:
    """Linear discriminant analysis with a shrunk covariance (Friedman 1989, JASA 84).

    Attributes:
        whitening: (d, d) float64 map that makes the covariance of one person's photos spherical.
        centroids: (m, d) float64, the members' mean vectors after whitening.

    """

    whitening: NDArray[np.float64]
    centroids: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], owners: NDArray[np.int64]) -> Discriminant:
        """Fit it to vectors (n, d) of members 0 to m - 1, each with at least one.

        Raises:
            ValueError: no member has two vectors, so the covariance is not known.

        """
        means = _means(vectors, owners)
        scatter = (vectors - means[owners]).astype(np.float64)
        freedom = len(vectors) - len(means)
        if freedom < 1:
            raise ValueError("a discriminant needs somebody with two photos")
        covariance = scatter.T @ scatter / freedom
        side = len(covariance)
        round_ = np.trace(covariance) / side * np.eye(side)
        values, axes = np.linalg.eigh((1 - _SHRINKAGE) * covariance + _SHRINKAGE * round_)
        whitening = axes / np.sqrt(np.maximum(values, 1e-12))
        return cls(whitening, means @ whitening)

    def distances(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Mahalanobis distance of vectors (n, d) to every member; shape (n, m)."""
        apart = (vectors @ self.whitening)[:, None] - self.centroids
        return np.asarray(np.linalg.norm(apart, axis=2))


def worthwhile(vectors: NDArray[np.float32], owners: NDArray[np.int64]) -> Discriminant | None:
    """A discriminant if it recognises photos better than centroids do; None if not.

    In a cross-validation, photos are left out in turn and recognised by the others, both by the
    nearest centroid and by the discriminant. It is also None for too few members or photos.

    Args:
        vectors: (n, d) float32 of unit length.
        owners: (n,) int64, member 0 to m - 1 of each vector.

    """
    photos = np.bincount(owners)
    if len(photos) < _LEAST_PEOPLE or photos.min() < _LEAST_PHOTOS:
        return None
    turns = np.concatenate([np.arange(count) % _FOLDS for count in photos])
    turn = turns[np.argsort(np.argsort(owners, kind="stable"), kind="stable")]
    by_centroid = by_discriminant = 0
    for fold in range(min(_FOLDS, int(photos.max()))):
        kept, left = turn != fold, turn == fold
        means = _means(vectors[kept], owners[kept])
        apart = np.linalg.norm(vectors[left][:, None] - means, axis=2)
        by_centroid += int((apart.argmin(axis=1) == owners[left]).sum())
        fitted = Discriminant.of(vectors[kept], owners[kept])
        by_discriminant += int(
            (fitted.distances(vectors[left]).argmin(axis=1) == owners[left]).sum()
        )
    return Discriminant.of(vectors, owners) if by_discriminant > by_centroid else None


def _means(vectors: NDArray[np.float32], owners: NDArray[np.int64]) -> NDArray[np.float64]:
    sums = np.zeros((int(owners.max()) + 1, vectors.shape[1]))
    np.add.at(sums, owners, vectors)
    return np.asarray(sums / np.bincount(owners)[:, None])
