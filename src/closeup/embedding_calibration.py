"""The calibration of an embedding: odds, false-accept rates, variances, distance limits.

The scale of distances differs between embeddings. All numbers that depend on it are in this
calibration; :mod:`closeup.evaluation.calibrating` measures them on faces of labelled people.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, astuple, dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort, relative_distances

MOST_PROBES = 1.5
"""Upper limit of the total weight of one tracklet's faces: they resemble each other, and many are
hardly more evidence than this number of independent faces."""
LEAST_PROBES = 0.3
"""Total weight below which evidence is proportional to the weight. The regression knows few faces
of less weight, and beyond them it would call any face near. Of 0.1 to 0.5 this value gives the
truest confidences on LFW's people of no calibration set: ``benchmarks/confidence.py``."""
_PRIOR_PROBES = 0.25
_CAP = 12.0


def share(probes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the regression's log odds that is left for the weight (n,) of the probes, 0..1."""
    return np.asarray(np.minimum(probes / LEAST_PROBES, 1), np.float64)


def noise(probes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The regressor of :class:`Odds` that falls with the weight (n,) of the probes."""
    counted = np.clip(probes, LEAST_PROBES, MOST_PROBES)
    return np.asarray(1 / (counted + _PRIOR_PROBES), np.float64)


@dataclass(frozen=True, slots=True)
class Odds:
    """Logistic regression from a distance to the log odds of "the same person".

    The log odds are ``constant + per_distance · d + per_photo / photos + noise · (per_noise +
    per_noisy_distance · d)`` with the distance d and the result ``noise`` of :func:`noise`, times
    the result of :func:`share`: probes of no weight are no evidence.

    Attributes:
        constant: Log odds at distance 0 before the other terms.
        per_distance: Coefficient of the distance.
        per_photo: Coefficient of 1 / photos: a centroid of few photos is farther from all faces.
        per_noise: Coefficient of the noise.
        per_noisy_distance: Coefficient of the product of noise and distance.

    Raises:
        ValueError: a number is not finite, or odds would rise with the distance.

    """

    constant: float
    per_distance: float
    per_photo: float
    per_noise: float
    per_noisy_distance: float

    def __post_init__(self) -> None:
        _check_finite(self)
        for weight in (0.0, MOST_PROBES):
            slope = self.per_distance + self.per_noisy_distance * float(noise(np.array(weight)))
            if slope >= 0:
                raise ValueError("its odds rise with the distance")

    def log_likelihood_ratio(
        self,
        distances: NDArray[np.float32],
        photos: NDArray[np.int64],
        probes: NDArray[np.float64] | float,
    ) -> NDArray[np.float64]:
        """Log odds of "the same person" against "somebody else" for distances to centroids.

        The shapes of the arguments broadcast.

        Args:
            distances: Relative distances of the probes' mean to each centroid, any shape.
            photos: Number of photos of each centroid.
            probes: Total weight of the faces of the probes' mean, 0 or more.

        Returns:
            Natural logarithms, within ±12; 0 for probes of no weight.

        """
        weight = np.asarray(probes, np.float64)
        noisy = noise(weight)
        odds = (
            self.constant
            + self.per_distance * distances
            + self.per_photo / photos
            + noisy * (self.per_noise + self.per_noisy_distance * distances)
        )
        return np.clip(odds.astype(np.float64), -_CAP, _CAP) * share(weight)


@dataclass(frozen=True, slots=True)
class FalseAccepts:
    """Rate of false accepts as a function of the distance threshold.

    Attributes:
        rates: Shares of pairs of different people, falling, each between 0 and 1; at least two.
        distances: Threshold of each rate: that share of pairs of two single photos is nearer.
        nearer: How much nearer to other people a centroid of many photos is than one photo.

    Raises:
        ValueError: the numbers are not such a curve; the message is one line.

    """

    rates: tuple[float, ...]
    distances: tuple[float, ...]
    nearer: float

    def __post_init__(self) -> None:
        _check_finite(self)
        if len(self.rates) != len(self.distances) or len(self.rates) < 2:
            raise ValueError("its false-accept curve needs two points or more, each with a rate")
        if not (_falls(self.rates) and _falls(self.distances)):
            raise ValueError("its false-accept curve does not fall with the distance")
        if not (self.rates[-1] > 0 and self.rates[0] < 1 and self.distances[-1] > 0):
            raise ValueError("its false-accept curve leaves the range of rates and distances")
        if not 0 <= self.nearer < self.distances[-1]:
            raise ValueError(f"its shift for centroids cannot be {self.nearer:g}")

    @property
    def least(self) -> float:
        """The lowest rate that was measured."""
        return self.rates[-1]

    @property
    def most(self) -> float:
        """The highest rate that was measured."""
        return self.rates[0]

    def rate(
        self, distances: NDArray[np.floating] | float, photos: NDArray[np.int64] | int = 1
    ) -> NDArray[np.float64]:
        """Rate of false accepts at thresholds: share of other people that are as near to a person.

        Below the measured distances the curve is extrapolated from its last two points.

        Args:
            distances: Relative distances between a photo and a person's centroid, any shape.
            photos: Number of photos of the centroid; the shapes broadcast.

        Returns:
            Rates in 0..1, in the shape of ``distances``.

        """
        rates, limits = np.array(self.rates), np.array(self.distances)
        of_one = np.asarray(distances, np.float64) + self._shift(photos)
        logs = np.interp(of_one, limits[::-1], np.log(rates)[::-1])
        slope = np.log(rates[-2] / rates[-1]) / (limits[-2] - limits[-1])
        beyond = np.minimum(of_one - limits[-1], 0) * slope
        return np.where(of_one > limits[0], 1.0, np.exp(logs + beyond))

    def distance_at(self, rate: float, photos: int = 1) -> float:
        """The relative distance threshold of a rate of false accepts.

        Args:
            rate: Share of other people below the threshold, from :attr:`least` to :attr:`most`.
            photos: Number of photos of the centroid.

        Raises:
            ValueError: ``rate`` is outside the measured range.

        """
        if not self.least <= rate <= self.most:
            raise ValueError(f"rate must be {self.least:g} to {self.most:g}, got {rate:g}")
        of_one = np.interp(np.log(rate), np.log(self.rates)[::-1], self.distances[::-1])
        return float(of_one - self._shift(photos))

    def _shift(self, photos: NDArray[np.int64] | int) -> NDArray[np.float64]:
        return np.asarray(self.nearer * (1 - 1 / np.asarray(photos, np.float64)))


@dataclass(frozen=True, slots=True)
class FaceVariance:
    """Expected squared distance of a face to its person's centroid, by its size and sharpness.

    Attributes:
        best: Variance of the best faces.
        per_log_height: Variance added by each unit of ``log(full_height / height)``.
        per_log_sharpness: Variance added by each unit of the same logarithm for sharpness.
        full_height: Height of a face box, in source pixels, above which size has no effect.
        full_sharpness: The same limit for :func:`closeup.identity.quality.sharpness` of the chip.

    Raises:
        ValueError: a number is not finite, or has the wrong sign.

    """

    best: float
    per_log_height: float
    per_log_sharpness: float
    full_height: float
    full_sharpness: float

    def __post_init__(self) -> None:
        _check_finite(self)
        if min(self.best, self.full_height, self.full_sharpness) <= 0:
            raise ValueError("its variance of the best face must be above 0")
        if min(self.per_log_height, self.per_log_sharpness) < 0:
            raise ValueError("its variance falls as faces become worse")

    def precision(self, height: float, sharpness: float) -> float:
        """The inverse of the expected variance relative to that of the best faces, in 0..1.

        Args:
            height: Height of the face box in source pixels.
            sharpness: :func:`closeup.identity.quality.sharpness` of the chip.

        """
        worse = self.per_log_height * _log_ratio(self.full_height, height)
        worse += self.per_log_sharpness * _log_ratio(self.full_sharpness, sharpness)
        return self.best / (self.best + worse)


@dataclass(frozen=True, slots=True)
class SplitDistances:
    """Distances between embeddings of one head above which its track is split into two people.

    They are Euclidean distances of the embedder's vectors, without normalisation to unit length.

    Attributes:
        single: Limit for two groups of which one has a single vector.
        several: Limit for the means of two groups of at least two vectors.

    Raises:
        ValueError: a number is not finite, or not above 0.

    """

    single: float
    several: float

    def __post_init__(self) -> None:
        _check_finite(self)
        if min(self.single, self.several) <= 0:
            raise ValueError("the distances that split a track must be above 0")

    def limit(self, vectors: int) -> float:
        """Limit for the means of two groups, the smaller of which has ``vectors`` vectors."""
        return self.single if vectors < 2 else self.several


@dataclass(frozen=True, eq=False)
class EmbeddingCalibration:
    """The calibration of one embedder's vectors.

    Attributes:
        embedder: Name of the embedder.
        dimensions: Number of components of its vectors.
        odds: Log odds of "the same person" by distance.
        false_accepts: Rate of false accepts by distance.
        variance: Variance of a face's vector by size and sharpness.
        same_person: Relative distance of two centroids below which they look like one person.
        split: Distances that split a track.
        cohort: Typical faces by which distances are normalised; None for Euclidean distances.

    Raises:
        ValueError: the numbers contradict each other; the message is one line.

    """

    embedder: str
    dimensions: int
    odds: Odds
    false_accepts: FalseAccepts
    variance: FaceVariance
    same_person: float
    split: SplitDistances
    cohort: Cohort | None

    def __post_init__(self) -> None:
        if not self.embedder or self.dimensions < 1:
            raise ValueError("it must name an embedder and its dimensions")
        if not (math.isfinite(self.same_person) and self.same_person > 0):
            raise ValueError("its distance of one person must be above 0")
        if self.cohort and self.cohort.centres.shape[1] != self.dimensions:
            raise ValueError(
                f"its cohort is of {self.cohort.centres.shape[1]} dimensions, "
                f"not of {self.dimensions}"
            )

    def relative_distances(
        self, a: NDArray[np.float32], b: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Distances of unit vectors (n, d) and (m, d), relative to the cohort; shape (n, m)."""
        return relative_distances(a, b, self.cohort)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all its numbers, in hexadecimal digits; it identifies the calibration."""
        numbers = [
            asdict(self.odds), asdict(self.false_accepts), asdict(self.variance),
            asdict(self.split), self.same_person, self.cohort and self.cohort.radius,
        ]  # fmt: skip
        text = json.dumps([self.embedder, self.dimensions, *numbers], sort_keys=True)
        found = hashlib.sha256(text.encode())
        if self.cohort:
            found.update(self.cohort.centres.astype("<f4").tobytes())
        return found.hexdigest()


def _log_ratio(full: float, value: float) -> float:
    return float(np.log(full / np.clip(value, 1e-3, full)))


def _check_finite(group: Odds | FalseAccepts | FaceVariance | SplitDistances) -> None:
    if not np.isfinite(np.hstack(astuple(group))).all():
        raise ValueError("one of its numbers is not finite")


def _falls(values: tuple[float, ...]) -> bool:
    return bool((np.diff(values) < 0).all())
