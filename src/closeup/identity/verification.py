"""Whether two photos show one person, and how often that is wrong for two strangers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.identity.crowd import crowd_of, relative_distances, unit_length
from closeup.identity.false_accepts import distance_at, false_accept_rate

RATE = 1e-3
"""One pair of strangers in a thousand is taken for one person."""

PUBLISHED_DISTANCES = {"sface": 1.128}
"""Embedders that are not calibrated here, with the Euclidean distance of unit vectors that
their authors give (SFace: OpenCV's ``samples/dnn/face_detect.cpp``)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison of two faces says.

    Attributes:
        distance: Relative distance of the two.
        threshold: Up to which they count as one person.
        same: Whether they do.
        threshold_false_accept_rate: Share of strangers that are nearer than the threshold;
            None where the embedder is not calibrated.
        false_accept_rate: Share of strangers that are as near as these two; None likewise.

    """

    distance: float
    threshold: float
    same: bool
    threshold_false_accept_rate: float | None
    false_accept_rate: float | None


def verify(
    a: NDArray[np.float32], b: NDArray[np.float32], embedder: str, rate: float = RATE
) -> Verdict:
    """Compare two faces.

    Args:
        a: (d,) the mean of a face's vector and that of its mirror image, of any length.
        b: The same of the other face.
        embedder: Name of what made both.
        rate: Share of strangers that may be taken for one person; ignored where the embedder
            is not calibrated.

    Raises:
        ValueError: ``rate`` is outside of what was measured.

    """
    crowd = crowd_of(embedder)
    pair = unit_length(np.stack([a, b]))
    distance = float(relative_distances(pair[:1], pair[1:], crowd)[0, 0])
    if embedder in PUBLISHED_DISTANCES:
        threshold = PUBLISHED_DISTANCES[embedder]
        return Verdict(distance, threshold, distance < threshold, None, None)
    threshold = distance_at(rate)
    nearer = float(false_accept_rate(distance))
    return Verdict(distance, threshold, distance < threshold, rate, nearer)
