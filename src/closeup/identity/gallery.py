"""Who the members are: one centroid each, and what a distance to it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import CalibrationError
from closeup.frames import RGBImage
from closeup.identity.discriminant import Discriminant, worthwhile
from closeup.protocols import Embedder


@dataclass(frozen=True, eq=False)
class Gallery:
    """Members by name.

    Attributes:
        calibration: Of the embedder that made the vectors.
        names: The members.
        vectors: (n, d) float32, one a photo: the mean of the photo's vector and of that of
            its mirror image, at unit length.
        owners: (n,) int64, whose photo it is: an index of ``names``; everybody has one.

    Raises:
        CalibrationError: the vectors are of other dimensions than the calibration.

    """

    calibration: EmbeddingCalibration
    names: tuple[str, ...]
    vectors: NDArray[np.float32]
    owners: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.vectors.shape[1] != self.calibration.dimensions:
            raise CalibrationError(
                f"vectors of {self.vectors.shape[1]} dimensions do not go with the calibration of "
                f"{self.calibration.embedder}, which has {self.calibration.dimensions}; "
                "take that of their embedder"
            )

    @classmethod
    def of(
        cls, calibration: EmbeddingCalibration, members: Mapping[str, NDArray[np.float32]]
    ) -> Gallery:
        """A gallery of the mirrored means (n, d) of each member's photos, of any length."""
        owners = np.repeat(np.arange(len(members)), [len(photos) for photos in members.values()])
        vectors = unit_length(np.concatenate(list(members.values())))
        return cls(calibration, tuple(members), vectors, owners)

    @property
    def embedder(self) -> str:
        """Name of the embedder that made the vectors."""
        return self.calibration.embedder

    @cached_property
    def photos(self) -> NDArray[np.int64]:
        """How many photos each member has; shape (m,)."""
        return np.bincount(self.owners, minlength=len(self.names)).astype(np.int64)

    @cached_property
    def centroids(self) -> NDArray[np.float32]:
        """Mean of each member's vectors, at unit length; shape (m, d)."""
        return centroids(self.vectors, self.owners)

    @cached_property
    def discriminant(self) -> Discriminant | None:
        """What tells these members apart best, where that is better than the centroids."""
        return worthwhile(self.vectors, self.owners)

    def distances(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Relative distance of vectors (n, d), of any length, to every member; shape (n, m)."""
        return self.calibration.relative_distances(unit_length(vectors), self.centroids)

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
        odds = self.calibration.odds
        return odds.log_likelihood_ratio(self.distances(mean)[0], self.photos, total)

    def same_people(self) -> list[tuple[str, str]]:
        """Pairs of members whose centroids are so near that they look like one person."""
        apart = self.calibration.relative_distances(self.centroids, self.centroids)
        rows, columns = np.nonzero(np.triu(apart < self.calibration.same_person, 1))
        return [(self.names[r], self.names[c]) for r, c in zip(rows, columns, strict=True)]


def centroids(vectors: NDArray[np.float32], owners: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mean of the vectors (n, d) of each owner 0 to m - 1, at unit length; shape (m, d)."""
    sums = np.zeros((int(owners.max()) + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, owners, vectors)
    return unit_length(sums)


def mirrored_mean(embedder: Embedder, chips: list[RGBImage]) -> NDArray[np.float32]:
    """Mean of the embeddings of each chip and its mirror image; shape (n, dimensions).

    The mean of both is nearer to other photos of the person than either.
    """
    vectors = embedder.embed([*chips, *(np.ascontiguousarray(chip[:, ::-1]) for chip in chips)])
    return np.asarray((vectors[: len(chips)] + vectors[len(chips) :]) / 2, np.float32)
