"""What the vectors of one embedding mean: odds, false-accept rates, variances, limits.

Every embedding has distances of its own, so all numbers that depend on it are here, measured on
people whose faces it has embedded (:mod:`closeup.evaluation.calibrating`), and nowhere else.
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
"""Weight of the faces of one tracklet that counts: they resemble each other, so that many say
little more than this many independent ones."""
_PRIOR_PROBES = 0.25
_CAP = 12.0


def noise(probes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The regressor of :class:`Odds` that falls with the weight (n,) of the probes."""
    return np.asarray(1 / (np.minimum(probes, MOST_PROBES) + _PRIOR_PROBES), np.float64)


@dataclass(frozen=True, slots=True)
class Odds:
    """What a distance means, as log odds of "the same person": a logistic regression.

    ``constant + per_distance · d + per_photo / photos + noise · (per_noise +
    per_noisy_distance · d)`` with the distance d and ``noise`` by the function of that name.

    Attributes:
        constant: Log odds at distance 0 before the other terms.
        per_distance: Slope of the distance.
        per_photo: Times 1 / photos: a centroid of few photos is further from everybody.
        per_noise: Times the noise.
        per_noisy_distance: Times noise and distance.

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
        self, distances: NDArray[np.float32], photos: NDArray[np.int64], probes: float
    ) -> NDArray[np.float64]:
        """Log odds of "the same person" against "somebody else" for distances to centroids.

        Args:
            distances: (m,) relative distances of the probes' mean to each centroid.
            photos: (m,) photos that each centroid is made of.
            probes: Total weight of the faces behind the probes' mean, above 0.

        Returns:
            (m,) natural logarithms, within ±12.

        """
        noisy = 1 / (min(probes, MOST_PROBES) + _PRIOR_PROBES)
        odds = (
            self.constant
            + self.per_distance * distances
            + self.per_photo / photos
            + noisy * (self.per_noise + self.per_noisy_distance * distances)
        )
        return np.clip(odds.astype(np.float64), -_CAP, _CAP)


@dataclass(frozen=True, slots=True)
class FalseAccepts:
    """How often two people are taken for one, by the distance up to which they are.

    Attributes:
        rates: Shares of pairs of two people, falling, each between 0 and 1; at least two.
        distances: Of each rate: so many pairs of a single photo and a single photo are nearer.
        nearer: By how much a centroid of many photos is nearer to strangers than one photo.

    Raises:
        ValueError: the numbers are no such curve; the message is one line.

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
        """The highest one."""
        return self.rates[0]

    def rate(
        self, distances: NDArray[np.floating] | float, photos: NDArray[np.int64] | int = 1
    ) -> NDArray[np.float64]:
        """Share of strangers that are at most so far from a person.

        Below what was measured the curve goes on as it does between its last two points.

        Args:
            distances: Relative distances between a photo and a person's centroid, any shape.
            photos: That the centroid is made of, of a shape that fits.

        Returns:
            In 0..1, in the shape of ``distances``.

        """
        rates, limits = np.array(self.rates), np.array(self.distances)
        of_one = np.asarray(distances, np.float64) + self._shift(photos)
        logs = np.interp(of_one, limits[::-1], np.log(rates)[::-1])
        slope = np.log(rates[-2] / rates[-1]) / (limits[-2] - limits[-1])
        beyond = np.minimum(of_one - limits[-1], 0) * slope
        return np.where(of_one > limits[0], 1.0, np.exp(logs + beyond))

    def distance_at(self, rate: float, photos: int = 1) -> float:
        """The relative distance below which so many strangers are.

        Args:
            rate: Share of strangers, from :attr:`least` to :attr:`most`.
            photos: That a centroid is made of.

        Raises:
            ValueError: ``rate`` is outside of what was measured.

        """
        if not self.least <= rate <= self.most:
            raise ValueError(f"rate must be {self.least:g} to {self.most:g}, got {rate:g}")
        of_one = np.interp(np.log(rate), np.log(self.rates)[::-1], self.distances[::-1])
        return float(of_one - self._shift(photos))

    def _shift(self, photos: NDArray[np.int64] | int) -> NDArray[np.float64]:
        return np.asarray(self.nearer * (1 - 1 / np.asarray(photos, np.float64)))


@dataclass(frozen=True, slots=True)
class FaceVariance:
    """Squared distance of a face to its person's centroid, by its size and sharpness.

    Attributes:
        best: Of the best faces.
        per_log_height: What each unit of ``log(full_height / height)`` adds.
        per_log_sharpness: The same for sharpness.
        full_height: Height of a face box in source pixels from which more adds nothing.
        full_sharpness: The same for :func:`closeup.identity.quality.sharpness` of its chip.

    Raises:
        ValueError: a number is not finite, or of the wrong sign.

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
        """The inverse of the expected variance, in units of the best face's: 0..1.

        Args:
            height: Of the face box, in source pixels.
            sharpness: Of the chip.

        """
        worse = self.per_log_height * _log_ratio(self.full_height, height)
        worse += self.per_log_sharpness * _log_ratio(self.full_sharpness, sharpness)
        return self.best / (self.best + worse)


@dataclass(frozen=True, slots=True)
class SplitDistances:
    """How far apart embeddings of one head may be before a tracker calls it two people.

    Euclidean distances of the vectors as the embedder gives them, not brought to unit length.

    Attributes:
        single: For two groups of which one has a single vector.
        several: For the means of groups of two vectors or more.

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
        """For means of groups, the smaller of which has so many vectors."""
        return self.single if vectors < 2 else self.several


@dataclass(frozen=True, eq=False)
class EmbeddingCalibration:
    """All that is known about the vectors of one embedder.

    Attributes:
        embedder: Name of the embedder.
        dimensions: Length of its vectors.
        odds: What a distance means.
        false_accepts: How often two people are as near.
        variance: What a small or blurred face is worth.
        same_person: Relative distance of two centroids below which they look like one person.
        split: Distances that split a track.
        cohort: Typical faces that distances are relative to; None for Euclidean distances.

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
        """SHA-256 of all its numbers, in hexadecimal digits: one calibration from another."""
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
