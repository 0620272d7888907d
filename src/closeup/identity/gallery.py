"""Who the members are: one centroid each, and what a distance to it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.identity.calibration import log_likelihood_ratio
from closeup.protocols import Embedder


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Members by name.

    Attributes:
        embedder: Name of the embedder that made the vectors.
        names: The members, in the order of the rows.
        centroids: (m, d) float32, mean over each member's photos and their mirror images.
        photos: (m,) int64, how many photos each centroid is made of.

    """

    embedder: str
    names: tuple[str, ...]
    centroids: NDArray[np.float32]
    photos: NDArray[np.int64]

    @classmethod
    def of(cls, embedder: str, members: Mapping[str, NDArray[np.float32]]) -> Gallery:
        """A gallery of the mirrored means (n, d) of each member's photos."""
        return cls(
            embedder,
            tuple(members),
            np.array([photos.mean(axis=0) for photos in members.values()], np.float32),
            np.array([len(photos) for photos in members.values()], np.int64),
        )

    def distances(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Euclidean distance of a vector (d,) to every member; shape (m,)."""
        return np.asarray(np.linalg.norm(self.centroids - vector, axis=1), np.float32)

    def evidence(
        self, vectors: NDArray[np.float32], weights: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Log likelihood ratio for each member that the vectors of one person show that member.

        Above 0 speaks for the member, below 0 for somebody else; 0 for all when there is
        nothing to judge by.

        Args:
            vectors: (n, d) embeddings of one person.
            weights: (n,) in 0..1, how much each should count.

        Returns:
            (m,) natural logarithms.

        """
        total = float(weights.sum())
        if total <= 0:
            return np.zeros(len(self.names))
        mean = (weights[:, None] * vectors).sum(axis=0) / total
        return log_likelihood_ratio(self.distances(mean), self.photos, total)

    def same_people(self, limit: float = 0.4) -> list[tuple[str, str]]:
        """Pairs of members whose centroids are so near that they look like one person."""
        apart = np.linalg.norm(self.centroids[:, None] - self.centroids[None], axis=2)
        rows, columns = np.nonzero(np.triu(apart < limit, 1))
        return [(self.names[r], self.names[c]) for r, c in zip(rows, columns, strict=True)]


def mirrored_mean(embedder: Embedder, chips: list[RGBImage]) -> NDArray[np.float32]:
    """Mean of the embeddings of each chip and its mirror image; shape (n, dimensions).

    The mean of both is nearer to other photos of the person than either.
    """
    vectors = embedder.embed([*chips, *(np.ascontiguousarray(chip[:, ::-1]) for chip in chips)])
    return np.asarray((vectors[: len(chips)] + vectors[len(chips) :]) / 2, np.float32)
