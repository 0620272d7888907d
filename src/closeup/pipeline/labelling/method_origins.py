"""Which labels come from classic methods, and which from trained networks."""

from __future__ import annotations

from closeup.annotations import Origin
from closeup.pipeline.datasets.eye_cutter import BY_HAND

COARSE = frozenset({"contour", "darkest", "projection", "mean-shift", "haar", "hog"})
"""Methods without a network."""


def origin_of(method: str) -> Origin:
    """How the labels of a method come to be; several methods may be joined by commas.

    Labels by hand in a data set are imported ones here, so that people can judge them too.
    """
    if method in ("", BY_HAND):
        return Origin.IMPORTED
    return Origin.COARSE if set(method.split(",")) <= COARSE else Origin.MODEL
