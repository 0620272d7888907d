"""Random size, tilt and horizontal stretch of a pasted picture."""

from __future__ import annotations

import numpy as np


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw from a log-uniform distribution: as many from 10 to 20 as from 100 to 200."""
    return float(np.exp(rng.uniform(np.log(low), np.log(max(low, high)))))


def any_tilt(rng: np.random.Generator) -> float:
    """Draw a tilt in radians: mostly nearly upright, some up to 45 degrees, some at any angle."""
    kind = rng.random()
    if kind < 0.70:
        return float(np.radians(rng.normal(0, 8)))
    if kind < 0.90:
        return float(np.radians(rng.uniform(-45, 45)))
    return float(rng.uniform(-np.pi, np.pi))


def any_stretch(rng: np.random.Generator) -> float:
    """Draw a horizontal factor: below 1 as rotated heads are, negative if mirrored."""
    return float(rng.choice([-1, 1]) * rng.uniform(0.78, 1.08))
