"""Two members with vectors of three numbers, and the timeline of a short video."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from closeup.fancam.identity_assignment import Timeline
from closeup.geometry import Size
from closeup.identity.gallery import Gallery
from tests.calibrations import plain

ANN, BOB, ELSE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
GALLERY = Gallery.of(
    plain(3), {"Ann": np.array([ANN] * 5, np.float32), "Bob": np.array([BOB] * 5, np.float32)}
)
LEFT, MIDDLE, RIGHT = (10.0, 10, 50, 60), (200.0, 10, 240, 60), (400.0, 10, 440, 60)


def timeline(frames: int, cuts: Sequence[int] = ()) -> Timeline:
    """25 frames a second of 640×360 pixels."""
    return Timeline(np.arange(frames) / 25, cuts, Size(640, 360))


def between(a: Sequence[float], b: Sequence[float], distance: float) -> list[float]:
    """The unit vector that lies at a Euclidean distance from ``a``, on the way to ``b``."""
    angle = 2 * np.arcsin(distance / 2)
    start, end = np.array(a, float), np.array(b, float)
    aside = end - (end @ start) * start
    turned = np.cos(angle) * start + np.sin(angle) * aside / np.linalg.norm(aside)
    return [float(number) for number in turned]
