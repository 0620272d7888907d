"""A linear map that adapts an embedding to the faces at hand, learnt from equivalence constraints.

The constraints are groups of faces of one person, and pairs of groups of two people. S is the
covariance of faces within their groups, D the second moment of the differences between the means
of such pairs. The metric is the point S⁻¹ #ₜ D on the geodesic of positive definite matrices from
S⁻¹ to D (Zadeh, Hosseini and Sra, "Geometric Mean Metric Learning", ICML 2016): directions in which
faces of one person vary count less, those in which people differ count more. At t = 0 it is
relevant component analysis (Bar-Hillel, Hertz, Shental and Weinshall, "Learning a Mahalanobis
Metric from Equivalence Constraints", JMLR 6, 2005).

Vectors of unit length lie around the mean direction of all faces. The map leaves this direction as
it is and changes the others, scaled so that typical distances stay: what a calibration says of a
distance stays true.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration

GEODESIC = 1 / 3
"""Place t of the metric between S⁻¹ (0) and D (1). Of 0, 0.2, 0.3, 0.35 and 0.5 those around it
named most with few errors on composed scenes (``hard_scenes``, seeds 0 to 3)."""
_LEAST = 10
"""Least degrees of freedom within groups, and least pairs of groups, to learn from."""
_MOST = 0.5
"""Largest share of what was observed in a shrunk matrix, the rest being the prior: this limits the
map in a long video, whose many faces are still those of few people."""
_SCALES = (1 / 16, 16.0)
"""Range of the search for the scale."""
_HALVINGS = 24
"""Steps of the search for the scale: it is exact to a millionth."""


@dataclass(frozen=True, slots=True, eq=False)
class EquivalenceConstraints:
    """Faces of which some are known to show one person, and some to show different people.

    Attributes:
        vectors: (n, d) float32 of unit length.
        groups: (n,) int64 from 0 up without gaps; the faces of one group show one person. Two
            groups may show one person, too.
        apart: (k, 2) int64, pairs of groups that show different people.

    Raises:
        ValueError: shapes differ, a number is not finite, or a pair names no two groups.

    """

    vectors: NDArray[np.float32]
    groups: NDArray[np.int64]
    apart: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or self.groups.shape != self.vectors.shape[:1]:
            raise ValueError(
                f"vectors of shape {self.vectors.shape} do not go with groups of shape "
                f"{self.groups.shape}; give (n, d) and (n,)"
            )
        if not np.isfinite(self.vectors).all():
            raise ValueError("a vector is not finite; leave its face out")
        count = len(np.unique(self.groups))
        if len(self.groups) and (self.groups.min() < 0 or self.groups.max() >= count):
            raise ValueError("groups are not numbered from 0 up without gaps; number them so")
        if self.apart.ndim != 2 or self.apart.shape[1] != 2:
            raise ValueError(f"pairs have shape {self.apart.shape}; give (k, 2)")
        if len(self.apart) and not 0 <= self.apart.min() <= self.apart.max() < count:
            raise ValueError(f"a pair names a group that is not among the {count}; give its number")

    @property
    def means(self) -> NDArray[np.float32]:
        """Mean of each group at unit length; shape (g, d) float32."""
        return unit_length(self._sums())

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the covariance within groups: faces minus groups."""
        return len(self.groups) - len(np.unique(self.groups))

    def residuals(self) -> NDArray[np.float64]:
        """Each vector minus the mean of its group, not at unit length; shape (n, d) float64."""
        sizes = np.bincount(self.groups)[:, None]
        return self.vectors - (self._sums() / np.maximum(sizes, 1))[self.groups]

    def differences(self) -> NDArray[np.float64]:
        """Differences of the means of the pairs that are apart; shape (k, d) float64."""
        means = self.means.astype(np.float64)
        return np.asarray(means[self.apart[:, 0]] - means[self.apart[:, 1]])

    def _sums(self) -> NDArray[np.float64]:
        sums = np.zeros((len(np.unique(self.groups)), self.vectors.shape[1]))
        np.add.at(sums, self.groups, self.vectors)
        return sums


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingMap:
    """A linear map of an embedding's vectors.

    Attributes:
        matrix: (d, d) float64, symmetric and positive definite.

    Raises:
        ValueError: the matrix is not such a one.

    """

    matrix: NDArray[np.float64]

    def __post_init__(self) -> None:
        square = self.matrix.ndim == 2 and self.matrix.shape[0] == self.matrix.shape[1]
        if not (square and np.isfinite(self.matrix).all()):
            raise ValueError(f"a map is a square matrix of finite numbers, not {self.matrix.shape}")
        try:
            np.linalg.cholesky(self.matrix)  # it reads the lower half only
        except np.linalg.LinAlgError as error:
            raise ValueError("a map is positive definite; this matrix is not") from error
        if not np.allclose(self.matrix, self.matrix.T):
            raise ValueError("a map is symmetric; this matrix is not")

    def vectors(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The vectors (n, d) after the map, at unit length; a zero vector stays zero."""
        return unit_length(unit_length(vectors) @ self.matrix)

    def calibration(self, calibration: EmbeddingCalibration) -> EmbeddingCalibration:
        """The calibration for vectors after the map: the same with the cohort's centres mapped."""
        if calibration.cohort is None:
            return calibration
        centres = self.vectors(calibration.cohort.centres)
        return replace(calibration, cohort=replace(calibration.cohort, centres=centres))


def learn_map(
    constraints: EquivalenceConstraints,
    calibration: EmbeddingCalibration,
    geodesic: float = GEODESIC,
) -> EmbeddingMap | None:
    """Learn a map by which faces of one person come nearer to each other than to other people.

    Both matrices are shrunk towards a multiple of the identity, which counts as many observations
    as the vectors have dimensions, as the mean of an inverse Wishart prior does, and at least as
    many as there are. So the map approaches the identity where the constraints are few.

    Args:
        constraints: What is known about the faces.
        calibration: Calibration of their embedder. The median distance of the groups' means to
            the cohort's centres stays as it is; without a cohort that of the pairs.
        geodesic: Place of the metric, 0 to 1: see the module.

    Returns:
        The map; None if fewer than ten degrees of freedom or pairs are known, or if all faces of
        a person or of all people are alike.

    Raises:
        ValueError: the dimensions differ from those of the calibration.

    """
    dimensions = constraints.vectors.shape[1]
    if dimensions != calibration.dimensions:
        raise ValueError(
            f"vectors of {dimensions} dimensions do not go with the calibration of "
            f"{calibration.embedder}, which has {calibration.dimensions}; take that of their "
            "embedder"
        )
    if min(constraints.freedom, len(constraints.apart)) < _LEAST:
        return None
    typical = constraints.means if calibration.cohort is None else calibration.cohort.centres
    axis = unit_length(typical.mean(axis=0)).astype(np.float64)
    within = _shrunk(constraints.residuals(), axis, constraints.freedom)
    between = _shrunk(constraints.differences(), axis, len(constraints.apart))
    if within is None or between is None:
        return None
    metric = _geodesic(within, between, geodesic)
    return _scaled(_power(metric, 0.5), axis, constraints, calibration)


def _shrunk(
    rows: NDArray[np.float64], axis: NDArray[np.float64], freedom: int
) -> NDArray[np.float64] | None:
    """Second moments of rows (n, d) across the axis, at mean eigenvalue 1, shrunk to the identity.

    None if all rows are zero across the axis. Along the axis the result is 1.
    """
    dimensions = len(axis)
    across = rows - (rows @ axis)[:, None] * axis
    moments = across.T @ across
    mean = np.trace(moments) / max(dimensions - 1, 1)
    if mean <= np.finfo(np.float32).eps * len(rows):
        return None
    share = min(freedom / (freedom + dimensions), _MOST)
    along = share * np.outer(axis, axis)
    return np.asarray(share * moments / mean + (1 - share) * np.eye(dimensions) + along)


def _power(matrix: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Real power of a symmetric positive definite matrix."""
    values, directions = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((directions * values**exponent) @ directions.T)


def _geodesic(
    within: NDArray[np.float64], between: NDArray[np.float64], place: float
) -> NDArray[np.float64]:
    """The point S⁻¹ #ₜ D = S^-½ (S^½ D S^½)ᵗ S^-½ of the geodesic."""
    root, inverse = _power(within, 0.5), _power(within, -0.5)
    return np.asarray(inverse @ _power(root @ between @ root, place) @ inverse)


def _scaled(
    whitening: NDArray[np.float64],
    axis: NDArray[np.float64],
    constraints: EquivalenceConstraints,
    calibration: EmbeddingCalibration,
) -> EmbeddingMap:
    """The map that leaves the axis and scales the other directions so that distances stay."""
    along = np.outer(axis, axis)
    across = np.eye(len(axis)) - along
    directions = across @ whitening @ across

    def of(scale: float) -> EmbeddingMap:
        return EmbeddingMap(np.asarray(along + scale * (directions + directions.T) / 2))

    usual = _typical_distance(None, constraints, calibration)
    low, high = _SCALES
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        nearer = _typical_distance(of(middle), constraints, calibration) < usual
        low, high = (middle, high) if nearer else (low, middle)
    return of(float(np.sqrt(low * high)))


def _typical_distance(
    adapted: EmbeddingMap | None,
    constraints: EquivalenceConstraints,
    calibration: EmbeddingCalibration,
) -> float:
    """Median relative distance of two people after a map, or of the vectors as they are."""
    means = constraints.means
    if adapted is not None:
        means, calibration = adapted.vectors(means), adapted.calibration(calibration)
    if calibration.cohort is not None:
        return float(np.median(calibration.relative_distances(means, calibration.cohort.centres)))
    one, other = means[constraints.apart.T]
    return float(np.median(np.linalg.norm(one - other, axis=1)))
