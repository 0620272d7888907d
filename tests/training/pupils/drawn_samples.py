"""Samples of drawn eyes, whose pupils are known."""

from __future__ import annotations

import cv2
import numpy as np

from closeup.geometry import Size
from closeup.training.pupils.samples import EyeSamples
from tests.datasets.eyes.drawn_eyes import SIZE, draw_eyes, scattered, sides


def drawn_samples(count: int, seed: int = 0, size: Size = SIZE) -> EyeSamples:
    """Two eyes a face, a face a group; neither corners nor openness are known."""
    pupils = scattered(count, seed)
    crops = draw_eyes(pupils, size, seed)
    points = np.full((count, 3, 2), np.nan, np.float32)
    points[:, 1] = pupils
    faces = np.arange(count, dtype=np.int64) // 2
    return EyeSamples(
        crops=np.stack([cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops]),
        points=points,
        openness=np.full(count, np.nan, np.float32),
        weight=np.ones(count, np.float32),
        groups=faces,
        faces=faces,
        left=sides(count),
        width=1.2,
    )
