"""Whether two photos show one person, and how often that is wrong for two strangers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration

RATE = 1e-3
"""One pair of strangers in a thousand is taken for one person."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison of two faces says.

    Attributes:
        distance: Relative distance of the two.
        threshold: Up to which they count as one person.
        same: Whether they do.
        threshold_false_accept_rate: Share of strangers that are nearer than the threshold.
        false_accept_rate: Share of strangers that are as near as these two.

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
        a: (d,) the mean of a face's vector and that of its mirror image, of any length.
        b: The same of the other face.
        calibration: Of the embedder that made both.
        rate: Share of strangers that may be taken for one person; None is :data:`RATE`, or the
            least that was measured where that is more.

    Raises:
        ValueError: ``rate`` is outside of what was measured.

    """
    curve = calibration.false_accepts
    rate = max(RATE, curve.least) if rate is None else rate
    pair = unit_length(np.stack([a, b]))
    distance = float(calibration.relative_distances(pair[:1], pair[1:])[0, 0])
    threshold = curve.distance_at(rate)
    nearer = float(curve.rate(distance))
    return Verdict(distance, threshold, distance < threshold, rate, nearer)
