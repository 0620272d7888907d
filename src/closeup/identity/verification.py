"""Verification: whether two photos show one person, and the rate of false accepts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration

CUT_RATES = (1.0, 2.0, 500.0)
"""Factors on the rate of false accepts if none, one or both of the faces are cut off by the edge of
their pictures (``benchmarks/cut_faces.py``). Two faces without their eyes nearly always look like
one person."""

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
    *,
    cut: int = 0,
) -> Verdict:
    """Compare two faces.

    Args:
        a: (d,) float32 of any length, the mean of the vectors of a face and its mirror image.
        b: (d,) float32, the same of the other face.
        calibration: Calibration of the embedder that made both.
        rate: Share of pairs of different people that may be accepted; None for :data:`RATE`, or
            for the lowest measured rate if that is higher.
        cut: Number of the two faces that the edge of their picture cuts off, 0 to 2.

    Raises:
        ValueError: ``rate`` is outside the measured range.

    """
    curve = calibration.false_accepts
    rate = max(RATE, curve.least) if rate is None else rate
    pair = unit_length(np.stack([a, b]))
    distance = float(calibration.relative_distances(pair[:1], pair[1:])[0, 0])
    factor = CUT_RATES[cut]
    strict = min(max(rate / factor, curve.least), rate)
    threshold = curve.distance_at(strict)
    limit, nearer = (min(1.0, factor * each) for each in (strict, float(curve.rate(distance))))
    same = distance < threshold and (factor == 1 or nearer <= rate)
    return Verdict(distance, threshold, same, limit, nearer)
