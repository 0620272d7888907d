"""Samples whose pupils are known: dark discs, two eyes a face."""

from __future__ import annotations

import numpy as np

from closeup.training.pupils.samples import EyeSamples
from tests.training.pupils.dark_dots import dark_dots


def dotted_samples(count: int, width: float = 2.0, seed: int = 0) -> EyeSamples:
    """The corners are not known; the openness of every other eye is not."""
    eyes = dark_dots(count, width, seed)
    points = np.full((count, 3, 2), np.nan, np.float32)
    points[:, 1] = eyes.points[:, 0].numpy()
    openness = eyes.openness.numpy().copy()
    openness[::2] = np.nan
    faces = np.arange(count) // 2
    return EyeSamples(
        crops=eyes.crops.numpy(),
        points=points,
        openness=openness,
        weight=np.ones(count, np.float32),
        groups=faces,
        faces=faces,
        left=np.arange(count) % 2 == 1,
        width=width,
    )
