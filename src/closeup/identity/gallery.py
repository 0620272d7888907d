"""Who the members are: one centroid each, and what a distance to it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.identity.calibration import log_likelihood_ratio
from closeup.identity.crowd import Crowd, crowd_of, relative_distances, unit_length
from closeup.identity.discriminant import Discriminant, worthwhile
from closeup.protocols import Embedder

_SAME_PERSON = 0.22
"""Relative distance of two centroids below which photos of one person were given twice."""


@dataclass(frozen=True, eq=False)
class Gallery:
    """Members by name.

    Attributes:
        embedder: Name of the embedder that made the vectors.
        names: The members.
        vectors: (n, d) float32, one a photo: the mean of the photo's vector and of that of
            its mirror image, at unit length.
        owners: (n,) int64, whose photo it is: an index of ``names``; everybody has one.

    """

    embedder: str
    names: tuple[str, ...]
    vectors: NDArray[np.float32]
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, embedder: str, members: Mapping[str, NDArray[np.float32]]) -> Gallery:
        """A gallery of the mirrored means (n, d) of each member's photos, of any length."""
        owners = np.repeat(np.arange(len(members)), [len(photos) for photos in members.values()])
        vectors = unit_length(np.concatenate(list(members.values())))
        return cls(embedder, tuple(members), vectors, owners)

    @cached_property
    def photos(self) -> NDArray[np.int64]:
        """How many photos each member has; shape (m,)."""
        return np.bincount(self.owners, minlength=len(self.names)).astype(np.int64)

    @cached_property
    def centroids(self) -> NDArray[np.float32]:
        """Mean of each member's vectors, at unit length; shape (m, d)."""
        sums = np.zeros((len(self.names), self.vectors.shape[1]), np.float32)
        np.add.at(sums, self.owners, self.vectors)
        return unit_length(sums)

    @cached_property
    def discriminant(self) -> Discriminant | None:
        """What tells these members apart best, where that is better than the centroids."""
        return worthwhile(self.vectors, self.owners)

    @property
    def crowd(self) -> Crowd | None:
        """Typical faces of the embedder, None where it has none."""
        return crowd_of(self.embedder)

    def distances(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Relative distance of vectors (n, d), of any length, to every member; shape (n, m)."""
        return relative_distances(unit_length(vectors), self.centroids, self.crowd)

    def evidence(
        self, vectors: NDArray[np.float32], weights: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Log likelihood ratio for each member that the vectors of one person show that member.

        Above 0 speaks for the member, below 0 for somebody else; 0 for all when there is
        nothing to judge by.

        Args:
            vectors: (n, d) embeddings of one person, of any length.
            weights: (n,) in 0..1, how much each should count.

        Returns:
            (m,) natural logarithms.

        """
        total = float(weights.sum())
        if total <= 0:
            return np.zeros(len(self.names))
        mean = (weights[:, None] * unit_length(vectors)).sum(axis=0, keepdims=True)
        return log_likelihood_ratio(self.distances(mean)[0], self.photos, total)

    def same_people(self) -> list[tuple[str, str]]:
        """Pairs of members whose centroids are so near that they look like one person."""
        apart = relative_distances(self.centroids, self.centroids, self.crowd)
        rows, columns = np.nonzero(np.triu(apart < _SAME_PERSON, 1))
        return [(self.names[r], self.names[c]) for r, c in zip(rows, columns, strict=True)]


def mirrored_mean(embedder: Embedder, chips: list[RGBImage]) -> NDArray[np.float32]:
    """Mean of the embeddings of each chip and its mirror image; shape (n, dimensions).

    The mean of both is nearer to other photos of the person than either.
    """
    vectors = embedder.embed([*chips, *(np.ascontiguousarray(chip[:, ::-1]) for chip in chips)])
    return np.asarray((vectors[: len(chips)] + vectors[len(chips) :]) / 2, np.float32)
