"""Verification: whether two photos show one person, and the rate of false accepts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration

RATE = 1e-3
"""Default rate of false accepts: one pair of different people in a thousand."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of the comparison of two faces.

    Attributes:
        distance: Relative distance of the two faces.
        threshold: Distance below which they count as one person.
        same: Whether they count as one person.
        threshold_false_accept_rate: Share of pairs of different people below the threshold.
        false_accept_rate: Share of pairs of different people that are as near as these two faces.

    """

    distance: float
    threshold: float
    same: bool
    threshold_false_accept_rate: float
    false_accept_rate: float


def verify(
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    calibration: EmbeddingCalibration,
    rate: float | None = None,
) -> Verdict:
    """Compare two faces.

    Args:
        a: (d,) float32 of any length, the mean of the vectors of a face and its mirror image.
        b: (d,) float32, the same of the other face.
        calibration: Calibration of the embedder that made both.
        rate: Share of pairs of different people that may be accepted; None for :data:`RATE`, or
            for the lowest measured rate if that is higher.

    Raises:
        ValueError: ``rate`` is outside the measured range.

    """
    curve = calibration.false_accepts
    rate = max(RATE, curve.least) if rate is None else rate
    pair = unit_length(np.stack([a, b]))
    distance = float(calibration.relative_distances(pair[:1], pair[1:])[0, 0])
    threshold = curve.distance_at(rate)
    nearer = float(curve.rate(distance))
    return Verdict(distance, threshold, distance < threshold, rate, nearer)
