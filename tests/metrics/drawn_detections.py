"""Detections as hypothesis finds them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.labels import PictureLabels


def detections_of(
    boxes: NDArray[np.floating], scores: NDArray[np.floating], classes: NDArray[np.integer]
) -> Detections:
    """Of numbers that a test writes down."""
    return Detections(boxes.astype(np.float32), scores.astype(np.float32), classes.astype(np.int64))


@st.composite
def pictures(draw: st.DrawFn, classes: int = 2) -> tuple[Detections, PictureLabels]:
    """Some boxes on a grid, and others near them."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    there, more = draw(st.integers(0, 6)), draw(st.integers(0, 4))
    corners = random.integers(0, 80, (there + more, 2)) * 1.0
    boxes = np.hstack([corners, corners + random.integers(8, 30, (there + more, 2))])
    kinds = random.integers(0, classes, there + more)
    moved = boxes + random.normal(0, draw(st.sampled_from([0.1, 2, 6])), boxes.shape)
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
    kept = random.random(there + more) < 0.8
    scores = random.choice([0.2, 0.4, 0.6, 0.8, 0.9], there + more)
    ignored = random.random(there) < 0.2
    return (
        detections_of(moved[kept], scores[kept], kinds[kept]),
        PictureLabels.of(boxes[:there], kinds[:there], ignored=ignored),
    )
