"""The simplest eyes: a dark disc on grey, in a place that is known."""

from __future__ import annotations

import numpy as np
import torch

from closeup.training.pupils.augmentation import EyeBatch

COLUMNS, ROWS = 144, 108


def dark_dots(count: int, width: float, seed: int = 0) -> EyeBatch:
    """Crops of ``width`` eye distances, whose discs lie within 0.05 of their middle."""
    chance = np.random.default_rng(seed)
    unit = COLUMNS / width
    away = chance.uniform(-0.05, 0.05, (count, 2)) * unit
    x = np.arange(COLUMNS) - (COLUMNS - 1) / 2 - away[:, 0, None, None]
    y = np.arange(ROWS)[:, None] - (ROWS - 1) / 2 - away[:, 1, None, None]
    inside = 1 / (1 + np.exp(np.hypot(x, y) - 0.07 * unit))
    crops = (170 - 140 * inside).round().astype(np.uint8)
    points = (away[:, None] + np.array([COLUMNS, ROWS]) / 2) / [COLUMNS, ROWS]
    return EyeBatch(
        torch.from_numpy(crops),
        torch.from_numpy(points.astype(np.float32)),
        torch.from_numpy(chance.uniform(0.2, 1, count).astype(np.float32)),
        torch.ones(count),
        (width, width * ROWS / COLUMNS),
    )
